// A simulated company and the plainest possible reader of it: fetch, and nothing of our own client.
import { onTestFinished } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/index.ts';
import { FakeClock } from './fake-clock.ts';

// Tests look into answers of every shape; what is not there shows as undefined and fails the expectation.
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;

export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body parsed; undefined where it is no JSON. */
  readonly body: Loose;
};

export type Ask = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Reply>;

export type Simulated = {
  readonly simulator: Simulator;
  readonly clock: FakeClock;
  readonly get: (path: string) => Promise<Reply>;
  /** With the Basic key, unless `headers` say otherwise. */
  readonly ask: Ask;
};

/** 2026-05-13, a Wednesday, in office hours. */
export const noonMs = Date.UTC(2026, 4, 13, 12, 0, 0);

/** Without a rate limit and with a clock that stands still, unless told otherwise. Closed when the test is over. */
export async function simulated(options: SimulatorOptions = {}): Promise<Simulated> {
  const clock = new FakeClock({ startMs: noonMs });
  const simulator = await startSimulator({ seed: 5, calls: 300, contacts: 120, requestsPerMinute: 'off', clock, ...options });
  onTestFinished(() => simulator.close());
  const ask = askOf(simulator);
  return { simulator, clock, ask, get: (path) => ask('GET', path) };
}

export function askOf({ baseUrl, apiId, apiToken }: Simulator): Ask {
  const authorization = `Basic ${Buffer.from(`${apiId}:${apiToken}`).toString('base64')}`;
  return async (method, path, body, headers = {}) => {
    const response = await fetch(baseUrl + path, {
      method,
      redirect: 'manual',
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
