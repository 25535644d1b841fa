// Agents at a gateway and a backfill in another process, on one budget in a file, against a simulated Aircall that counts with its
// own rate limit. Time is the test's: it moves on in small steps, and only once every request that was sent is answered.
import { setMaxListeners } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import { api } from '../../src/aircall/index.ts';
import type { Budget } from '../../src/base/index.ts';
import { createRawClient } from '../../src/client/index.ts';
import type { Agent, GatewayReply } from '../../src/gateway/index.ts';
import { openBudget } from '../../src/store/index.ts';
import { openGatewayLab } from './gateway-lab.ts';
import type { GatewayLab } from './gateway-lab.ts';
import { FakeClock } from './fake-clock.ts';
import { temporaryFolder } from './lab.ts';
import { noonMs } from './simulated.ts';

const stepMs = 50;
const windowMs = 60_000;

export type SoakAgent = {
  readonly budget?: NonNullable<Agent['budget']>;
  /** How many requests it keeps going at once. */
  readonly atOnce: number;
  /** How long it thinks between an answer and the next request. Default: not at all. */
  readonly thinkMs?: number;
  /** When it begins. Default: at once. */
  readonly fromMs?: number;
};

export type SoakOptions = {
  readonly minutes: number;
  readonly agents: readonly SoakAgent[];
  /** How many requests the backfill keeps going at once; 0: there is none. */
  readonly backfill: number;
  /** What the company grants, for the budget and for the simulated Aircall. Default: 120. */
  readonly quota?: number;
};

export type Soaked = {
  /** Answers that each agent got. */
  readonly answered: readonly number[];
  /** How often each was told that its turn did not come in time. */
  readonly exhausted: readonly number[];
  /** The longest time from a request to its answer, of each agent. */
  readonly longestMs: readonly number[];
  /** How often the gateway answered anything else. */
  readonly strange: readonly string[];
  readonly backfilled: number;
  /** 429s of the simulated Aircall. */
  readonly refused: number;
  /** The most requests that reached it in any 60 s. */
  readonly mostInAnyMinute: number;
  readonly sent: number;
};

/** Two that ask five at once, and eight that ask one at a time. */
export const tenAgents: readonly SoakAgent[] = Array.from({ length: 10 }, (_, index) => ({ atOnce: index < 2 ? 5 : 1 }));

/** Aircall refused nothing, no minute held more than was allowed, and what was allowed was used. */
export function expectKept(soaked: Soaked, { minutes, allowed }: { readonly minutes: number; readonly allowed: number }): void {
  expect(soaked.strange).toEqual([]);
  expect(soaked.refused).toBe(0);
  expect(soaked.mostInAnyMinute).toBeLessThanOrEqual(allowed);
  expect(soaked.sent).toBeGreaterThanOrEqual(0.95 * allowed * minutes);
  // Never less than is guaranteed to it.
  expect(soaked.backfilled).toBeGreaterThanOrEqual(0.045 * soaked.sent);
}

/** Every agent got its part of what agents got, by its weight. */
export function expectFair(
  { answered }: Soaked,
  { weights, within }: { readonly weights: readonly number[]; readonly within: number },
): void {
  const all = answered.reduce((sum, count) => sum + count, 0);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, count] of answered.entries()) {
    const share = (all * (weights[index] ?? 0)) / whole;
    expect(Math.abs(count - share), `agent ${index} got ${count}, and ${share} are its share`).toBeLessThanOrEqual(within * share);
  }
}

/** The eight that ask one at a time get their turn within the 8 s a request may wait, but for one in fifty. */
export function expectPatient({ exhausted, answered }: Soaked): void {
  const sum = (counts: readonly number[]) => counts.slice(2).reduce((total, count) => total + count, 0);
  expect(sum(exhausted)).toBeLessThanOrEqual(sum(answered) / 50);
}

export async function soak({ minutes, agents, backfill, quota = 120 }: SoakOptions): Promise<Soaked> {
  const clock = new FakeClock({ startMs: noonMs });
  const folder = temporaryFolder();
  const counted = { open: 0 };
  // Two processes: each has its own place in the file.
  const open = async (): Promise<Budget> => {
    const budget = await openBudget({ company: 'acme', quota, reserve: 10, folder, clock, random: () => 0.5 });
    onTestFinished(() => budget.close());
    return watch(budget, counted);
  };
  const [gateways, backfills] = [await open(), await open()];
  const lab = await openGatewayLab({
    clock,
    simulator: { requestsPerMinute: quota, contacts: 3, calls: 3 },
    client: { budget: gateways },
    settings: { cacheMs: 0 },
  });
  const { apiId, apiToken, baseUrl } = lab.simulator;
  const credential = { apiId, apiToken };
  const client = createRawClient({ credential, baseUrl, budget: backfills, clock, random: () => 0, priority: 'backfill' });
  onTestFinished(() => client.close());

  const answered = agents.map(() => 0);
  const exhausted = agents.map(() => 0);
  const longestMs = agents.map(() => 0);
  const strange: string[] = [];
  let backfilled = 0;
  let isOver = false;
  let made = 0;

  const stop = new AbortController();
  setMaxListeners(0, stop.signal);

  const work = async (index: number, at: { readonly key: string }, { thinkMs = 0, fromMs = 0 }: SoakAgent) => {
    if (fromMs > 0) await clock.sleep(fromMs);
    while (!isOver) {
      const askedMs = clock.monotonic();
      const { result } = await ask(lab, at.key, (made += 1), stop.signal);
      if (result.kind === 'answer') {
        answered[index] = (answered[index] ?? 0) + 1;
        longestMs[index] = Math.max(longestMs[index] ?? 0, clock.monotonic() - askedMs);
      } else if (isOver) return;
      else if (result.kind === 'refusal' && result.code === 'budget_exhausted') exhausted[index] = (exhausted[index] ?? 0) + 1;
      else strange.push(result.kind === 'refusal' ? result.code : result.kind);
      await clock.sleep(Math.max(1, thinkMs));
    }
  };
  const fill = async (): Promise<void> => {
    while (!isOver) {
      const given = { at: {}, query: { page: 1 }, body: null };
      await client.send(api.calls.list, given, { signal: stop.signal, priority: 'backfill', maximumWaitMs: 10 * windowMs });
      backfilled += 1;
    }
  };

  for (const [index, one] of agents.entries()) {
    const added = await lab.addAgent(`Agent ${index}`, { grants: { contacts: 'read' }, ...(one.budget ? { budget: one.budget } : {}) });
    for (let lane = 0; lane < one.atOnce; lane += 1) void work(index, added, one);
  }
  for (let lane = 0; lane < backfill; lane += 1) void fill().catch((error: unknown) => isOver || strange.push(String(error)));

  for (let elapsedMs = 0; elapsedMs < minutes * windowMs; elapsedMs += stepMs) {
    await clock.advance(stepMs);
    while (counted.open > 0) await settle();
  }
  isOver = true;
  stop.abort();
  const { requests } = lab.simulator;
  return {
    answered,
    exhausted,
    longestMs,
    strange,
    backfilled,
    refused: requests.entries.filter(({ status }) => status === 429).length,
    mostInAnyMinute: requests.busiestMinute(),
    sent: requests.count,
  };
}

/** Each is a question of its own, so that nobody shares the answer of somebody else. */
function ask(lab: GatewayLab, key: string, number: number, signal: AbortSignal): Promise<GatewayReply> {
  return lab.call({
    key: { key, agentId: null },
    endpoint: api.contacts.list,
    arguments: { at: {}, query: { from: String(number) }, body: null },
    signal,
  });
}

/** The same budget, which notes how many requests are on their way. */
function watch(budget: Budget, counted: { open: number }): Budget {
  return {
    status: () => budget.status(),
    acquire: async (request) => {
      const slot = await budget.acquire(request);
      counted.open += 1;
      let isOver = false;
      return {
        end: (outcome) => {
          if (!isOver) counted.open -= 1;
          isOver = true;
          slot.end(outcome);
        },
      };
    },
  };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
