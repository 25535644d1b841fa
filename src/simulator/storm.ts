// Many faults at random, always the same ones from the same seed.
import type { Fault, FaultContext, FaultMatcher, Faults } from './faults.ts';
import { Random, seedOf } from './random.ts';

export type StormOptions = {
  readonly seed: number;
  /** How likely a request is to be hit, 0 to 1. */
  readonly probability: number;
  readonly matcher?: FaultMatcher;
  /** What may happen, each as likely as the others. Default: {@link stormFaults}. */
  readonly faults?: readonly Fault[];
  /** The same request is never hit more often than this in a row. Default: 3. */
  readonly inARow?: number;
};

/** Everything that a reader who tries again gets over, and quickly. */
export const stormFaults: readonly Fault[] = [
  { kind: 'status', status: 500, body: 'application' },
  { kind: 'status', status: 500, body: 'stated' },
  { kind: 'status', status: 502, body: 'html' },
  { kind: 'status', status: 503, body: 'edge' },
  { kind: 'status', status: 503, body: 'nothing' },
  { kind: 'status', status: 504, body: 'empty' },
  { kind: 'reset', after: 'nothing' },
  { kind: 'reset', after: 'nothing', isCarriedOut: false },
  { kind: 'reset', after: 'headers' },
  { kind: 'reset', after: 'half' },
  { kind: 'truncated' },
  { kind: 'html', status: 200 },
  { kind: 'slow', overMs: 20 },
  { kind: 'tooMany', headers: true, resetAfterSeconds: 1 },
  { kind: 'tooMany', retryAfterSeconds: 1 },
];

/** Starts a storm; the returned function ends it. */
export function startStorm(faults: Faults, options: StormOptions): () => void {
  const { seed, probability, matcher = {}, inARow = 3 } = options;
  const choices = options.faults ?? stormFaults;
  const random = new Random(seedOf(seed, 71));
  const hits = new Map<string, number>();
  return faults.choose(matcher, ({ request }: FaultContext) => {
    const key = `${request.method} ${request.path}?${request.query}`;
    const before = hits.get(key) ?? 0;
    if (!random.chance(probability) || before >= inARow) {
      hits.delete(key);
      return undefined;
    }
    hits.set(key, before + 1);
    return random.pick(choices);
  });
}
