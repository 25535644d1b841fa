// What a decision costs, with its trace and its obligations: a company of 50 agents with rules, limits, hours and masks, each capability
// of the catalogue asked by each of them. Nothing is done but deciding.
import { capabilities, decide, grantAreas, makePolicy } from '../dist/gateway/index.js';
import { atMost, bench } from './support/bench.mjs';

const nowMs = Date.UTC(2026, 10, 18, 10);

await bench({ name: 'decide', does: 'deciding what an agent may do' }, async ({ quick, say, figure }) => {
  const agents = Array.from({ length: 50 }, (_, number) => agentOf(number));
  const requests = agents.flatMap(({ id }) => capabilities.map((capability) => ({ capability, request: requestOf(id, capability) })));
  const rounds = quick ? 2 : 20;

  /** @type {number[]} */
  const medians = [];
  /** @type {number[]} */
  const tails = [];
  /** @type {number[]} */
  const firsts = [];
  for (let round = 0; round < rounds; round += 1) {
    // A new version of the policy each time, as after a change: the first decision of each pair looks everything up.
    const policy = makePolicy({
      company: `bench ${round}`,
      agents: Object.fromEntries(agents.map((agent) => [agent.id, agent])),
      guardrails: [{ id: 'keep', forbids: { area: 'recordings', effect: 'delete' }, text: 'Recordings are never deleted by agents' }],
      webhookHosts: ['hooks.acme.example'],
    });
    firsts.push(at(timesOf(policy, requests), 0.99));
    const times = timesOf(policy, requests);
    medians.push(at(times, 0.5));
    tails.push(at(times, 0.99));
  }
  say(`${requests.length * 2 * rounds} decisions`);
  figure({ name: 'a decision, half of them', runs: medians, unit: 'µs', digits: 1 });
  figure({ name: 'a decision, 99 of 100', runs: tails, unit: 'µs', digits: 1, goal: atMost(50, ' µs') });
  figure({ name: 'a decision, 99 of 100, right after a change of the policy', runs: firsts, unit: 'µs', digits: 1 });
});

/**
 * Microseconds, ascending.
 * @param {import('../dist/gateway/index.js').Policy} policy
 * @param {readonly { capability: typeof capabilities[number], request: Parameters<typeof decide>[2] }[]} requests
 */
function timesOf(policy, requests) {
  const times = requests.map(({ capability, request }) => {
    const startedAt = performance.now();
    decide(policy, capability, request);
    return (performance.now() - startedAt) * 1000;
  });
  return times.sort((a, b) => a - b);
}

/**
 * @param {readonly number[]} times
 * @param {number} share
 */
function at(times, share) {
  return times[Math.floor((times.length - 1) * share)] ?? 0;
}

/**
 * @param {number} number
 * @returns {import('../dist/gateway/index.js').Agent}
 */
function agentOf(number) {
  const level = /** @type {const} */ (['read', 'write', 'full'])[number % 3] ?? 'read';
  return {
    id: `ag_${number}`,
    name: `Agent ${number}`,
    owner: 'olga',
    purpose: '',
    status: 'active',
    expiresAt: '2030-01-01T00:00:00Z',
    grants: Object.fromEntries(grantAreas.map((area) => [area, level])),
    rules: capabilities
      .filter((_capability, index) => index % 4 === number % 4)
      .map(({ id }, index) => ({
        id: `r${index}`,
        capability: id,
        effect: /** @type {const} */ (['approve', 'allow', 'deny'])[index % 3] ?? 'deny',
        reason: 'Agreed',
        expiresAt: null,
      })),
    constraints: {
      calls: {
        teams: ['1', '2', '3'],
        newerThanSeconds: 2_592_000,
        hours: { days: [1, 2, 3, 4, 5], from: '08:00', to: '20:00', timeZone: 'Europe/Paris' },
        maximumRowsPerDay: 1000,
      },
      users: { users: ['7', '8'] },
    },
    fields: [{ area: null, class: 'phone', treatment: 'mask' }],
    taint: null,
    text: 'apart',
    combinationAccepted: null,
  };
}

/**
 * @param {string} agentId
 * @param {typeof capabilities[number]} capability
 * @returns {Parameters<typeof decide>[2]}
 */
function requestOf(agentId, capability) {
  const at = Object.fromEntries(Object.keys(capability.endpoint.at ?? {}).map((name) => [name, '7']));
  return {
    agentId,
    capability: capability.id,
    invalid: null,
    arguments: { at, query: capability.effect === 'read' ? { page: 1 } : {}, body: capability.effect === 'read' ? null : { user_id: '7' } },
    dryRun: false,
    nowMs,
    usage: { requestsToday: 0, rowsToday: 10, writesToday: 1, commentsOnCall: 0 },
    readTextAtMs: null,
    approved: false,
    confirmed: false,
  };
}
