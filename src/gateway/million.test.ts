// What `npm run test:million` does a million times, a few thousand times; and that its judge sees what it is there to see.
import { expect, test } from 'vitest';
import type { GatewayParts } from './flow/parts.ts';
import { runMillion } from './million.conformance.ts';
import type { Policy } from './policy/types.ts';
import { grantAreas } from './policy/words.ts';

/** A few seconds of work, on a machine that may have much else to do. */
const longMs = 180_000;

const everything = Object.fromEntries(grantAreas.map((area) => [area, 'full' as const]));

test(
  'of thousands of random requests, hostile ones among them, under policies that change meanwhile, none reaches Aircall that was not granted and recorded, and nothing comes back that was not granted',
  async () => {
    const { wrong, requests, upstream, ends } = await runMillion({ seed: 7, requests: 3_000 });
    expect(wrong).toEqual([]);
    expect(requests).toBeGreaterThanOrEqual(3_000);
    // Else it would be no test.
    expect(upstream).toBeGreaterThan(300);
    const kinds = ['answer', 'plan', 'replayed', 'not_granted', 'not_found', 'confirm_required', 'approval_required', 'quota_exhausted'];
    for (const kind of [
      ...kinds,
      'unauthenticated',
      'bad_origin',
      'invalid_request',
      'confirm_invalid',
      'approval_refused',
      'agent_inactive',
    ]) {
      expect(ends.get(kind), kind).toBeGreaterThan(0);
    }
  },
  longMs,
);

const broken: readonly (readonly [string, (parts: GatewayParts) => GatewayParts, RegExp])[] = [
  [
    'takes every agent for one that may do all',
    (parts) => ({ ...parts, policies: { current: () => opened(parts) } }),
    /needs more than|a rule denies it|outside the limits/,
  ],
  [
    'passes answers on unfiltered',
    (parts) => {
      const filter: GatewayParts['filter'] = {
        ...parts.filter,
        answer: (asked) => ({ ...parts.filter.answer(asked), body: asked.answer.body, hidden: false, unreadable: false }),
      };
      return { ...parts, filter };
    },
    /given/,
  ],
  [
    'hides only what it is told to mask, and no rows',
    (parts) => {
      const filter: GatewayParts['filter'] = {
        ...parts.filter,
        answer: (asked) => parts.filter.answer({ ...asked, obligations: asked.obligations.filter(({ kind }) => kind !== 'rows') }),
      };
      return { ...parts, filter };
    },
    /outside/,
  ],
  [
    'does not wait for its intents',
    (parts) => {
      const append: GatewayParts['audit']['append'] = async (facts, options) => {
        const stored = parts.audit.append(facts, options);
        if (facts.phase !== 'intent' || facts.decision?.effect !== 'allow') return stored;
        stored.catch(() => {});
        return { seq: 0 };
      };
      return { ...parts, audit: { append, unfinished: () => parts.audit.unfinished() } };
    },
    /without an intent in the log/,
  ],
  [
    'takes every confirmation and every approval for a good one',
    (parts) => {
      const examine: GatewayParts['friction']['examine'] = (request, presented) => ({
        ...parts.friction.examine(request, { ...presented, confirmToken: null, approvalId: null }),
        confirmed: true,
        approved: true,
      });
      return { ...parts, friction: { ...parts.friction, examine } };
    },
    /without a confirmation|without a person’s approval/,
  ],
  [
    'counts nothing',
    (parts) => {
      const none = { requestsToday: 0, rowsToday: 0, writesToday: 0, commentsOnCall: 0 };
      const examine: GatewayParts['friction']['examine'] = (request, presented) =>
        parts.friction.examine({ ...request, mostRequestsToday: null, mostWritesToday: null, mostRowsToday: null }, presented);
      return { ...parts, friction: { ...parts.friction, examine, usage: () => none } };
    },
    /today/,
  ],
  [
    'takes any key for the first agent’s',
    (parts) => {
      const find: GatewayParts['keys']['find'] = async (presented, from) => {
        const found = await parts.keys.find(presented, from);
        const [agentId = ''] = Object.keys(parts.policies.current().agents);
        return found.kind === 'known' ? found : { kind: 'known', keyId: 'k', agentId };
      };
      return { ...parts, keys: { find } };
    },
    /nobody/,
  ],
];

test.each(broken)(
  'a gateway that %s is found out',
  async (_what, over, found) => {
    const { wrong } = await runMillion({ seed: 11, requests: 3_000, over });
    expect(wrong.join('\n')).toMatch(found);
  },
  longMs,
);

/** Under the name of the one that is in force. */
function opened({ policies }: GatewayParts): Policy {
  const policy = policies.current();
  const agents = Object.entries(policy.agents).map(([id, agent]) => [id, { ...agent, grants: everything, rules: [], constraints: {} }]);
  return { ...policy, agents: Object.fromEntries(agents) };
}
