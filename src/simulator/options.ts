import { UsageError } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { EmbeddingChoice } from './company/embedding.ts';

export type SimulatorOptions = {
  /** The same seed and clock give the same company, byte for byte. Default: 1. */
  readonly seed?: number;
  readonly calls?: number;
  readonly contacts?: number;
  readonly users?: number;
  readonly numbers?: number;
  readonly teams?: number;
  /** The company's own tags; six system tags always exist. */
  readonly tags?: number;
  readonly webhooks?: number;
  /** When the oldest call was made, in milliseconds since 1970. Default: six calendar months before `historyEndMs`. */
  readonly historyStartMs?: number;
  /** When the newest call was made. Default: the clock's time. */
  readonly historyEndMs?: number;
  /** Default: any free port. */
  readonly port?: number;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** The quota, or `off`. Default: 120. */
  readonly requestsPerMinute?: number | 'off';
  /** Milliseconds every answer is held back. Default: 0. */
  readonly latencyMs?: number;
  /** How long a contact written through the API stays hidden from the search. Default: 1000. */
  readonly searchLagMs?: number;
  /** Whether calls embed people and numbers as they are now or as they were when added. Default: `live`. */
  readonly embedding?: EmbeddingChoice;
  /** Whether rows of the same second come in another order each time. Default: true. */
  readonly shuffleTies?: boolean;
};

export const defaultOptions = {
  seed: 1,
  calls: 1_000,
  contacts: 400,
  users: 12,
  numbers: 6,
  teams: 4,
  tags: 12,
  webhooks: 2,
  port: 0,
  host: '127.0.0.1',
  requestsPerMinute: 120,
  latencyMs: 0,
  searchLagMs: 1_000,
  embedding: 'live',
  shuffleTies: true,
} as const satisfies SimulatorOptions;

/** Throws {@link UsageError} when a count is not a whole number of at least 0. */
export function checkOptions(options: SimulatorOptions): void {
  for (const name of [
    'seed',
    'calls',
    'contacts',
    'users',
    'numbers',
    'teams',
    'tags',
    'webhooks',
    'port',
    'latencyMs',
    'searchLagMs',
  ] as const) {
    const value = options[name];
    if (value !== undefined && (!Number.isInteger(value) || value < 0)) {
      throw new UsageError({
        code: 'simulator_option_invalid',
        message: `The simulator option ${name} must be a whole number of at least 0, not ${String(value)}.`,
        hint: `Pass for example ${name}: 10.`,
      });
    }
  }
  const rate = options.requestsPerMinute;
  if (rate !== undefined && rate !== 'off' && (!Number.isInteger(rate) || rate < 1)) {
    throw new UsageError({
      code: 'simulator_option_invalid',
      message: `The simulator option requestsPerMinute must be a whole number of at least 1 or 'off', not ${String(rate)}.`,
      hint: "Pass for example requestsPerMinute: 120, or 'off'.",
    });
  }
}
