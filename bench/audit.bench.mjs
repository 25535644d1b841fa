// What the log costs a request, and how fast it is verified.
//
// Appends: records as the gateway writes them for an allowed read, one after the other and sixteen at once, safe from the death of
// the process and from a loss of power. In pairs with the bare disk: a write and fdatasync of a file beside it.
import { createHmac, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeGatewayKeys, openAuditLog, verifyAuditLog } from '../dist/gateway/index.js';
import { AuditStore, openGatewayDatabase } from '../dist/store/index.js';
import { systemClock } from '../dist/base/index.js';
import { atLeast, bench, format, medianText } from './support/bench.mjs';
import { withFolder } from './support/processes.mjs';

await bench({ name: 'audit', does: 'appending to the log and verifying it' }, async ({ quick, say, figure }) => {
  await withFolder(async (home) => {
    const database = await openGatewayDatabase({ home });
    const keys = makeGatewayKeys();
    const log = await openAuditLog({ database, company: 'bench', keys, clock: systemClock, random: randomBytes, mayBegin: true });
    const count = quick ? 200 : 2_000;
    for (const together of [1, 16]) {
      const process = await appends(log, { count, together, durability: 'process' });
      const bare = await bareSyncs(join(home, 'bare'), Math.min(count, 500));
      const power = await appends(log, { count: Math.min(count, 500) * together, together, durability: 'power' });
      const load = together === 1 ? 'one after the other' : `${together} at once`;
      figure({
        name: `a record safe from the death of the process, ${load}`,
        runs: process,
        unit: 'ms',
        digits: 3,
        note: percentiles(process),
      });
      figure({
        name: `a record safe from a loss of power, ${load}`,
        runs: power,
        unit: 'ms',
        digits: 3,
        pair: `a write and fdatasync alone ${medianText(bare, 'ms')}`,
        note: percentiles(power),
      });
    }

    const records = quick ? 20_000 : 300_000;
    const begunAt = performance.now();
    for (let done = 0; done < records; done += 250) {
      await Promise.all(Array.from({ length: 250 }, (_, index) => log.append(facts(`v${done + index}`), { durability: 'process' })));
    }
    const perSecond = records / ((performance.now() - begunAt) / 1000);
    figure({ name: 'records written, many at once', runs: [perSecond], unit: 'records/s', digits: 0 });
    const store = new AuditStore({ database, company: 'bench' });
    const bytes = store.record(1)?.bytes.length ?? 0;
    /** @type {number[]} */
    const rates = [];
    for (let run = 0; run < 3; run += 1) {
      const startedAt = performance.now();
      const verification = await verifyAuditLog({ store, keys });
      if (verification.damages.length > 0) throw new Error('The log does not verify.');
      rates.push(verification.records / ((performance.now() - startedAt) / 1000));
      say(`${format(verification.records)} records verified`);
    }
    const bare = hmacs(store, keys.auditChain);
    figure({
      name: 'records verified',
      runs: rates,
      unit: 'records/s',
      goal: atLeast(200_000, ' records/s'),
      digits: 0,
      pair: `the HMACs of the same bytes alone ${format(Math.round(bare))} records/s`,
      note: `${bytes} bytes each`,
    });
    await log.close();
    database.close();
  });
});

/**
 * The time of each append, in milliseconds.
 * @param {import('../dist/gateway/index.js').OpenAuditLog} log
 * @param {{ count: number, together: number, durability: 'process' | 'power' }} options
 */
async function appends(log, { count, together, durability }) {
  /** @type {number[]} */
  const times = [];
  const one = async (/** @type {number} */ number) => {
    const startedAt = performance.now();
    await log.append(facts(`${durability}${number}`), { durability });
    times.push(performance.now() - startedAt);
  };
  for (let done = 0; done < count; done += together) {
    await Promise.all(Array.from({ length: together }, (_, index) => one(done + index)));
  }
  return times;
}

/**
 * How many records' HMACs are computed in a second, and nothing else.
 * @param {AuditStore} store
 * @param {import('node:crypto').KeyObject} key
 */
function hmacs(store, key) {
  const texts = store.records({ after: 0, limit: 1_000 }).map(({ prev, bytes }) => prev + bytes);
  const rounds = 50;
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round += 1) for (const text of texts) createHmac('sha256', key).update(text).digest('hex');
  return (rounds * texts.length) / ((performance.now() - startedAt) / 1000);
}

/**
 * @param {string} path
 * @param {number} count
 */
async function bareSyncs(path, count) {
  const file = await open(path, 'w');
  const block = randomBytes(8_192);
  /** @type {number[]} */
  const times = [];
  for (let done = 0; done < count; done += 1) {
    const startedAt = performance.now();
    await file.write(block);
    await file.datasync();
    times.push(performance.now() - startedAt);
  }
  await file.close();
  return times;
}

/** @param {readonly number[]} times */
function percentiles(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(3);
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms`;
}

/**
 * @param {string} callId
 * @returns {import('../dist/gateway/index.js').AuditFacts}
 */
function facts(callId) {
  return {
    callId,
    phase: 'intent',
    who: {
      agent: { id: 'ag_7q2k0f3mz8w5', name: 'Support Agent' },
      keyId: '7q2k0f3mz8w5tna1',
      owner: 'olga',
      operator: null,
      client: 'node',
      ip: '127.0.0',
    },
    what: {
      capability: 'calls.list',
      area: 'calls',
      effect: 'read',
      arguments: { at: {}, query: { from: 1_767_225_600, per_page: 50, order: 'asc' } },
      argumentsDigest: '5'.repeat(64),
    },
    where: { surface: 'rest', method: 'GET', route: '/v1/calls', protocol: null, tool: null, traceId: null },
    decision: {
      effect: 'allow',
      code: null,
      rule: { id: 'grant:calls', kind: 'grant', text: 'Calls is set to Read' },
      obligations: [{ kind: 'fields', area: 'calls', class: 'phone', treatment: 'mask' }],
      policyVersion: 'a'.repeat(64),
      approvalId: null,
      approver: null,
      confirmed: false,
      idempotency: null,
      times: 1,
    },
    outcome: null,
    sentence: 'Support Agent asked to list calls. Allowed: Calls is set to Read.',
    change: null,
  };
}
