// What opening a link to a recording goes through, so that a link is worth no more than the grants of the agent it was made for:
//
//   key ─► link ─► is the agent still allowed? ─► INTENT (durable) ─► fetch ─► OUTCOME (durable) ─► the file
import type { Clock, Log } from '../../base/index.ts';
import type { AuditFacts, AuditOutcome } from '../audit/record.ts';
import type { MediaLinks, MediaTarget } from '../filter/media-links.ts';
import type { PresentedKey } from '../flow/call.ts';
import { strange } from '../flow/failure.ts';
import { RefusalFolder } from '../flow/fold.ts';
import { networkOf } from '../flow/network.ts';
import type { AuditLog, KeyBook, PolicySource } from '../flow/parts.ts';
import { nobody, ownRefusal } from '../flow/record.ts';
import type { Who } from '../flow/record.ts';
import { accessOf } from '../policy/access.ts';
import type { Policy } from '../policy/types.ts';

/** A file on its way. `body` gives no more bytes than were agreed on, and throws when there are more or they stop coming. */
export type MediaFile = {
  readonly contentType: string;
  readonly sizeBytes: number | null;
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of it, read or not. Must be called; safe to call twice. */
  readonly close: () => void;
};

/** Rejects for an address that may not be asked, for a refusal, and for a file that is too large. */
export type FetchMedia = (url: string, signal: AbortSignal) => Promise<MediaFile>;

export type MediaRequest = {
  readonly key: PresentedKey | null;
  /** What stands behind `/media/`. */
  readonly token: string;
  readonly ip: string | null;
  readonly signal: AbortSignal;
};

export type MediaReply =
  | { readonly kind: 'file'; readonly decisionId: string; readonly file: MediaFile }
  | {
      readonly kind: 'refusal';
      readonly decisionId: string;
      readonly status: 401 | 403 | 404 | 429 | 502 | 503;
      readonly code: string;
      readonly message: string;
    };

export type MediaDoorParts = {
  readonly policies: PolicySource;
  readonly keys: KeyBook;
  readonly audit: AuditLog;
  readonly links: MediaLinks;
  readonly fetch: FetchMedia;
  readonly clock: Clock;
  readonly newCallId: () => string;
  readonly log: Log;
};

export type MediaDoor = {
  /** Never rejects. Every try is recorded, and without a record nothing is opened. */
  readonly open: (request: MediaRequest) => Promise<MediaReply>;
  /** Records what was counted of refusals that are alike. Safe to call twice. */
  readonly close: () => Promise<void>;
};

/** Recordings that one agent may have on their way at once. */
const mostAtOnce = 4;

type Doorway = MediaDoorParts & { readonly refusals: RefusalFolder; readonly running: Map<string, number> };

export function createMediaDoor(parts: MediaDoorParts): MediaDoor {
  const { audit, clock, log, newCallId } = parts;
  const refusals = new RefusalFolder({ clock, write: ({ facts }) => audit.append(facts, { durability: 'process' }) });
  const doorway = { ...parts, refusals, running: new Map<string, number>() };
  return {
    close: () => refusals.close(),
    async open(request) {
      const decisionId = newCallId();
      try {
        return await open(doorway, request, decisionId);
      } catch (error) {
        log.error('a recording could not be opened', { call: decisionId, error: error instanceof Error ? error.name : typeof error });
        const message = 'The gateway cannot record what happens, so it opens nothing.';
        return { kind: 'refusal', decisionId, status: 503, code: 'store_unavailable', message };
      }
    },
  };
}

async function open(parts: Doorway, request: MediaRequest, decisionId: string): Promise<MediaReply> {
  const { policies, keys, audit, links, clock, running } = parts;
  const nowMs = clock.now();
  const startedMs = clock.monotonic();
  const ip = networkOf(request.ip);
  const found = await keys.find(request.key ?? { key: '', agentId: null }, { ip: request.ip, nowMs });
  const policy = policies.current();
  const agent = found.kind === 'known' ? policy.agents[found.agentId] : undefined;
  const who: Who =
    found.kind === 'known'
      ? { agent: { id: found.agentId, name: agent?.name ?? found.agentId }, keyId: found.keyId, owner: agent?.owner ?? null }
      : { ...nobody, keyId: found.keyId };
  const name =
    who.agent?.name ??
    (found.kind === 'refused' && found.reason === 'clock' ? 'Someone whose key was not looked at' : 'Someone without a valid key');
  const refuse = async (
    status: 401 | 403 | 404 | 429 | 503,
    facts: { readonly code: string; readonly message: string; readonly why: string; readonly target: MediaTarget | null },
  ): Promise<MediaReply> => {
    const { code, message, why, target } = facts;
    const kind = found.kind === 'known' ? `${found.agentId}|${code}` : `stranger|${found.reason}|${found.keyId ?? ''}|${ip ?? ''}`;
    const record = factsOf({
      decisionId,
      who,
      ip,
      target,
      phase: found.kind === 'known' ? 'intent' : 'auth',
      decision: ownRefusal({ code, kind: 'agent', text: why, policyVersion: policy.version }),
      outcome: null,
      sentence: `${name} tried to open ${told(target)}. Denied: ${why}`,
    });
    await parts.refusals.note(kind, { facts: record });
    return { kind: 'refusal', decisionId, status, code, message };
  };

  if (found.kind === 'refused') {
    const { code, message } = strange(found.reason);
    return refuse(code === 'unauthenticated' ? 401 : 503, { code, message, why: found.text, target: null });
  }
  const target = links.open(request.token, { agentId: found.agentId, nowMs });
  if (target === null) {
    const why = 'The link was not made for this agent, or it has ended.';
    return refuse(404, { code: 'not_found', message: `${why} Ask for the call again to get a new one.`, why, target: null });
  }
  const why = forbidden(policy, found.agentId, nowMs);
  if (why !== null) return refuse(403, { code: 'not_granted', message: why, why, target });
  if ((running.get(found.agentId) ?? 0) >= mostAtOnce) {
    const crowd = `The agent has ${mostAtOnce} recordings on their way already.`;
    return refuse(429, { code: 'too_many_at_once', message: crowd, why: crowd, target });
  }
  const enter = (by: 1 | -1): void => void running.set(found.agentId, (running.get(found.agentId) ?? 0) + by);

  const decision = {
    ...ownRefusal({ effect: 'allow', code: '', kind: 'grant', text: 'Recordings may be read.', policyVersion: policy.version }),
    code: null,
    rule: { id: 'grant.recordings', kind: 'grant', text: 'Recordings may be read.' },
  };
  const record = (phase: 'intent' | 'outcome', outcome: AuditOutcome | null, sentence: string) =>
    audit.append(factsOf({ decisionId, who, ip, target, phase, decision, outcome, sentence }), { durability: 'process' });
  enter(1);
  try {
    await record('intent', null, `${name} opens ${told(target)}. Allowed: Recordings may be read.`);
  } catch (error) {
    enter(-1);
    throw error;
  }
  const outcomeOf = (status: AuditOutcome['status']): AuditOutcome => ({
    status,
    upstreamStatus: null,
    rowsReturned: null,
    rowsHidden: null,
    fieldsMasked: null,
    textGiven: false,
    source: 'live',
    ageMs: 0,
    requests: 0,
    durationMs: { total: Math.round(clock.monotonic() - startedMs), queue: 0, upstream: Math.round(clock.monotonic() - startedMs) },
  });
  let file: MediaFile;
  try {
    file = await parts.fetch(target.url, request.signal);
  } catch {
    enter(-1);
    await record(
      'outcome',
      outcomeOf('upstream_error'),
      `${name} tried to open ${told(target)}. It was allowed. The file could not be fetched.`,
    );
    const message = 'The file could not be fetched. Signed links of Aircall end within the hour: ask for the call again.';
    return { kind: 'refusal', decisionId, status: 502, code: 'upstream_unavailable', message };
  }
  // Safe in the log before the first byte is let through.
  try {
    await record('outcome', outcomeOf('ok'), `${name} opened ${told(target)}. Allowed: Recordings may be read.`);
  } catch (error) {
    enter(-1);
    file.close();
    throw error;
  }
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    enter(-1);
    file.close();
  };
  return { kind: 'file', decisionId, file: { ...file, close } };
}

/** Why the agent may not open recordings now; null when it may. A part of the policy that cannot be read forbids. */
function forbidden(policy: Policy, agentId: string, nowMs: number): string | null {
  const access = accessOf(policy, agentId);
  if (access === null || !access.sound || access.agent.status !== 'active') return 'The agent is not active.';
  if (access.expiresAtMs !== null && !(nowMs < access.expiresAtMs)) return 'The agent has ended.';
  const limits = access.limits('recordings');
  if (limits.broken || access.level('recordings') === 'off') return 'Recordings is Off for this agent.';
  if (access.treatment('recordings', 'media') !== 'show') return 'Links to recordings are hidden from this agent.';
  if (limits.isOpen !== null && !limits.isOpen(nowMs)) return 'It is outside the hours of this agent.';
  const guardrail = policy.guardrails.find(
    ({ forbids }) =>
      (forbids.area ?? 'recordings') === 'recordings' && (forbids.effect ?? 'read') === 'read' && forbids.capability === undefined,
  );
  return guardrail === undefined ? null : `Company rule: ${guardrail.text}`;
}

function told(target: MediaTarget | null): string {
  const field = target?.field.replaceAll(/[^a-z_]/g, '') || 'file';
  const row = target?.row;
  return target === null
    ? 'a recording'
    : `the ${field.replaceAll('_', ' ')}${row != null && /^\d{1,20}$/.test(row) ? ` of call ${row}` : ''}`;
}

function factsOf(facts: {
  readonly decisionId: string;
  readonly who: Who;
  readonly ip: string | null;
  readonly target: MediaTarget | null;
  readonly phase: AuditFacts['phase'];
  readonly decision: AuditFacts['decision'];
  readonly outcome: AuditOutcome | null;
  readonly sentence: string;
}): AuditFacts {
  const { decisionId, who, ip, target, phase, decision, outcome, sentence } = facts;
  const named = target === null ? null : { row: target.row, field: target.field };
  return {
    callId: decisionId,
    phase,
    who: { ...who, operator: null, client: null, ip },
    what: { capability: null, area: 'recordings', effect: 'read', arguments: named, argumentsDigest: null },
    where: { surface: 'rest', method: 'GET', route: '/media/:token', protocol: null, tool: null, traceId: null },
    decision,
    outcome,
    sentence,
    change: null,
  };
}
