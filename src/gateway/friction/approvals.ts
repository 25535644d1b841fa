// The person's side of an approval: what waits, what exactly is asked, yes or no. Deciding is a change to be stored together
// with the record that tells about it.
import { isObject } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { FrictionStore, StoredApproval } from '../../store/index.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import { mayDecideAbout, tellAreas } from '../people/person.ts';
import type { ApproverAreas, Person } from '../people/person.ts';
import { isPersonName, nameKey } from '../policy/names.ts';
import { areaNames } from '../policy/words.ts';
import type { Also } from '../flow/parts.ts';
import type { Agent, Policy } from '../policy/types.ts';
import { approvalId, readApprovalId } from './approval-id.ts';
import { ApprovalImpossible } from './errors.ts';
import { approvalPlace } from './friction.ts';
import { proofOfApproval } from './keys.ts';
import type { FrictionKeys } from './keys.ts';
import { openValue } from './sealed.ts';
import { standingOf } from './standing.ts';
import type { Standing } from './standing.ts';
import type { ShownArgument, ShownRequest } from './shown.ts';

export type Approval = {
  readonly id: string;
  readonly agentId: string;
  readonly capability: string;
  readonly state: Standing;
  /** ISO-8601 moments. */
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly decidedAt: string | null;
  readonly decidedBy: string | null;
  readonly policyVersion: string;
  /** Null when it is not kept any more, or was sealed with another key. */
  readonly request: ShownRequest | null;
};

export type Verdict = 'approve' | 'refuse';

export type Decided = { readonly approval: Approval; readonly by: string; readonly store: Also };

export type ApprovalParts = {
  readonly store: FrictionStore;
  readonly company: string;
  readonly keys: FrictionKeys;
  readonly clock: Pick<Clock, 'now'>;
  /** Of the policy in force. */
  readonly policyVersion: () => string;
};

export interface Approvals {
  /** Those that wait for a person, oldest first; also what is outdated and nobody has decided on. */
  waiting(): readonly Approval[];
  countWaiting(): number;
  /** The newest, whatever became of them, newest first. */
  recent(options: { readonly limit: number }): readonly Approval[];
  /** Null when there is none of that id. */
  find(id: string): Approval | null;
  /**
   * Checks that this person may decide on it and gives the change, to be made in `also` of the record; that throws too when
   * somebody else was faster. Throws `ApprovalImpossible`.
   */
  decide(id: string, options: DecideOptions): Decided;
}

export type DecideOptions = {
  readonly verdict: Verdict;
  /** The name of the person. */
  readonly by: string;
  readonly policy: Policy;
  /**
   * With four eyes: finds people who log in, by name. Then only one of them approves, and not the one who answers for the agent.
   * Null: whoever answers for the agent may approve what it asks for.
   */
  readonly fourEyes: ((name: string) => Person | null) | null;
  /** The areas the person may decide about. The system's operator: all. */
  readonly areas: ApproverAreas;
};

export function createApprovals(parts: ApprovalParts): Approvals {
  const { store, company, keys, clock, policyVersion } = parts;
  const view = (row: StoredApproval): Approval => {
    return {
      id: approvalId(row.number),
      agentId: row.agentId,
      capability: row.capability,
      state: standingOf(row, { nowMs: clock.now(), policyVersion: policyVersion() }),
      askedAt: iso(row.askedMs),
      expiresAt: iso(row.expiresMs),
      decidedAt: row.decidedMs === null ? null : iso(row.decidedMs),
      decidedBy: row.decidedBy,
      policyVersion: row.policyVersion,
      request: row.request === null ? null : shownOf(openValue(row.request, approvalPlace({ company, ...row }), { key: keys.idempotency })),
    };
  };

  return {
    waiting: () => store.waiting(clock.now()).map(view),
    countWaiting: () => store.countAllWaiting({ policyVersion: policyVersion(), nowMs: clock.now() }),
    recent: ({ limit }) => store.approvals({ limit }).map(view),
    find(id) {
      const row = rowOf(id);
      return row === null ? null : view(row);
    },
    decide(id, options) {
      const row = rowOf(id);
      if (row === null) throw unknown();
      const approval = view(row);
      if (row.state !== 'pending' || approval.state === 'expired') throw decided(approval);
      const by = personOf(options.by);
      mustHoldFor(approval, options.areas);
      if (options.verdict === 'approve') mustBeAllowed(approval, by, options);
      const { number, digest, expiresMs } = row;
      const isYes = options.verdict === 'approve';
      const proof = isYes ? proofOfApproval(keys, { company, number, digest, by, expiresMs }) : null;
      return {
        approval,
        by,
        store() {
          const facts = { state: isYes ? ('approved' as const) : ('refused' as const), by, proof, nowMs: clock.now() };
          if (!store.decideApproval(number, facts)) throw decided(view(rowOf(id) ?? row));
        },
      };
    },
  };

  function rowOf(id: string): StoredApproval | null {
    const number = readApprovalId(id);
    return number === null ? null : store.approval(number);
  }
}

/** No and yes alike are only for those who were made approvers for that area. */
function mustHoldFor({ capability }: Approval, areas: ApproverAreas): void {
  if (mayDecideAbout(areas, capabilityOf(capability)?.area ?? null)) return;
  throw new ApprovalImpossible({
    code: 'approver_not_allowed',
    message: `This is for somebody who may decide about ${areaOf(capability)}; you may decide about ${tellAreas(areas)}.`,
    hint: 'Ask whoever runs Trunkline who that is: trunkline people list.',
  });
}

function areaOf(capability: string): string {
  const area = capabilityOf(capability)?.area;
  return area === undefined ? 'what nobody knows' : areaNames[area];
}

/** What a person must have seen, and who the person must not be. */
function mustBeAllowed(approval: Approval, by: string, { policy, fourEyes }: DecideOptions): void {
  if (approval.request === null) {
    throw new ApprovalImpossible({
      code: 'approval_unreadable',
      message: `What ${approval.id} asks for cannot be read with the gateway’s keys, so nobody can approve it.`,
      hint: `Refuse it: trunkline approvals refuse ${approval.id}. The agent can ask again.`,
    });
  }
  const agent: Agent | undefined = Object.hasOwn(policy.agents, approval.agentId) ? policy.agents[approval.agentId] : undefined;
  if (agent === undefined || policy.version !== approval.policyVersion) {
    throw new ApprovalImpossible({
      code: 'approval_outdated',
      message: `The rules have changed since ${approval.id} was asked for; an approval would be worth nothing.`,
      hint: 'The agent can ask again, under the present rules.',
    });
  }
  if (isSame(by, agent.id) || isSame(by, agent.name)) {
    throw new ApprovalImpossible({
      code: 'approver_not_allowed',
      message: 'An agent cannot approve its own request.',
      hint: 'A person approves, under the own name: --by NAME.',
    });
  }
  if (fourEyes !== null) mustBeAnother(by, agent, fourEyes);
}

/** Names that nobody logs in with cannot be told apart: two of them may be one person. */
function mustBeAnother(by: string, { name, owner }: Agent, find: (name: string) => Person | null): void {
  if (find(by) === null) {
    throw new ApprovalImpossible({
      code: 'approver_not_allowed',
      message: 'Four eyes are asked for: only somebody who logs in may approve.',
      hint: 'Ask a colleague to approve it in the browser, on the page that trunkline serve shows. It can be refused here.',
    });
  }
  if (find(owner) === null) {
    throw new ApprovalImpossible({
      code: 'owner_unknown',
      message: `Four eyes are asked for, and nobody logs in as ${owner}, who answers for this agent: whether that is you cannot be told.`,
      hint: `Say which person it is: trunkline agents set "${name}" --owner "Olga Stein". The agent can ask again then.`,
    });
  }
  if (isSame(by, owner)) {
    throw new ApprovalImpossible({
      code: 'approver_not_allowed',
      message: `${owner} answers for this agent, and four eyes are asked for: somebody else must approve.`,
      hint: 'Ask a colleague to approve it.',
    });
  }
}

/** Written as names of owners are. Throws `ApprovalImpossible`. */
function personOf(name: string): string {
  const person = name.normalize('NFC').trim();
  if (isPersonName(person)) return person;
  throw new ApprovalImpossible({
    code: 'approver_not_allowed',
    message: 'Only a person with a name can decide: letters, digits, spaces and -_.@, up to 60.',
    hint: 'Give yours: --by NAME.',
  });
}

function isSame(one: string, other: string): boolean {
  return nameKey(one) === nameKey(other);
}

function shownOf(value: unknown): ShownRequest | null {
  if (!isObject(value) || typeof value['sentence'] !== 'string' || !Array.isArray(value['arguments'])) return null;
  const why = typeof value['why'] === 'string' ? value['why'] : null;
  return { sentence: value['sentence'], why, arguments: value['arguments'] as ShownArgument[] }; // sealed by us, from such a value
}

function unknown(): ApprovalImpossible {
  return new ApprovalImpossible({
    code: 'unknown_approval',
    message: 'There is no approval of that id.',
    hint: 'trunkline approvals list shows those that wait.',
  });
}

function decided({ id, state, decidedBy }: Approval): ApprovalImpossible {
  const what = {
    pending: 'waits',
    approved: `was approved by ${decidedBy ?? 'somebody'}`,
    refused: `was refused by ${decidedBy ?? 'somebody'}`,
    used: 'was approved and used',
    expired: 'has expired',
    outdated: `was approved by ${decidedBy ?? 'somebody'}, and the rules have changed since`,
  }[state];
  return new ApprovalImpossible({
    code: 'approval_decided',
    message: `${id} does not wait any more: it ${what}.`,
    hint: 'trunkline approvals list shows those that wait.',
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
