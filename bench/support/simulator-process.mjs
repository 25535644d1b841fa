// A process that serves a simulated Aircall and does what its parent asks.
import { startSimulator } from '../../dist/simulator/index.js';
import { fastClock } from './fast-clock.mjs';
import { usage } from './usage.mjs';

/** @typedef {import('../../dist/simulator/index.js').Simulator} Simulator */

/** @type {Simulator | undefined} */
let simulator;

process.on('message', (/** @type {{ do?: string, clockFactor?: number, clockStartMs?: number }} */ message) => {
  void answer(message).then((reply) => process.send?.(reply));
});
process.once('disconnect', () => {
  void simulator?.close();
});

/** @param {{ do?: string, clockFactor?: number, clockStartMs?: number }} message */
async function answer(message) {
  if (simulator === undefined) {
    const { clockFactor, clockStartMs, ...options } = message;
    const clock = clockFactor === undefined ? {} : { clock: fastClock(clockFactor, clockStartMs ?? Date.now()) };
    simulator = await startSimulator({ ...options, ...clock });
    const { baseUrl, apiId, apiToken } = simulator;
    return { baseUrl, apiId, apiToken };
  }
  const { company, requests } = simulator;
  switch (message.do) {
    case 'counts': {
      const { calls, contacts, users, teams, numbers, tags, webhooks } = company;
      const served = { calls: calls.count, contacts: contacts.count, users: users.count, user_availability: users.count };
      return { ...served, teams: teams.count, numbers: numbers.count, tags: tags.count, webhooks: webhooks.count, company: 1 };
    }
    case 'requests': {
      const taken = requests.entries.map(({ atMs, status, query }) => ({ atMs, status, query }));
      requests.clear();
      return taken;
    }
    case 'last-hour': {
      const since = company.now() - 3600;
      let count = 0;
      for (const call of company.calls.all()) if (call.startedAt >= since) count += 1;
      return count;
    }
    case 'change':
      return changeOne(simulator);
    default:
      return usage();
  }
}

/** @type {number | undefined} */
let changed;

/** @param {Simulator} running */
function changeOne({ company }) {
  changed ??= company.calls.add({ startedAt: company.now() - 600 }).id;
  company.calls.update(changed, { archived: company.calls.get(changed)?.archived !== true });
  return changed;
}
