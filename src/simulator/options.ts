import { assumedSwitches, switches as knownSwitches } from '../aircall/index.ts';
import type { SwitchSettings } from '../aircall/index.ts';
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
  /** Calls that are under way at the start. They end as time passes. Default: 0. */
  readonly openCalls?: number;
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
  /** Answers to what nobody outside Aircall knows for sure. Default: what is assumed. */
  readonly switches?: Partial<SwitchSettings>;
  /** Products the company has not bought, such as `AI Assist`. Default: none is missing. */
  readonly missingProducts?: readonly string[];
  /** Where OAuth codes may be sent. Default: anywhere. */
  readonly redirectUris?: readonly string[];
  /** Sends events to the company's webhooks. Default: false. */
  readonly delivers?: boolean;
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
  openCalls: 0,
  port: 0,
  host: '127.0.0.1',
  latencyMs: 0,
  searchLagMs: 1_000,
  embedding: 'live',
  delivers: false,
} as const satisfies SimulatorOptions;

const counts = [
  'seed',
  'calls',
  'contacts',
  'users',
  'numbers',
  'teams',
  'tags',
  'webhooks',
  'openCalls',
  'port',
  'latencyMs',
  'searchLagMs',
] as const satisfies readonly (keyof SimulatorOptions)[];

/** Every switch with its answer. Throws {@link UsageError} for an option or a switch that cannot be used. */
export function checkOptions(options: SimulatorOptions): SwitchSettings {
  for (const name of counts) {
    const value = options[name];
    if (value !== undefined && (!Number.isInteger(value) || value < 0)) {
      refuse(`The simulator option ${name} must be a whole number of at least 0, not ${String(value)}.`, `Pass for example ${name}: 10.`);
    }
  }
  const rate = options.requestsPerMinute;
  if (rate !== undefined && rate !== 'off' && (!Number.isInteger(rate) || rate < 1)) {
    refuse(
      `The simulator option requestsPerMinute must be a whole number of at least 1 or 'off', not ${String(rate)}.`,
      "Pass for example requestsPerMinute: 120, or 'off'.",
    );
  }
  for (const [name, answer] of Object.entries(options.switches ?? {})) {
    const known = Object.entries(knownSwitches).find(([key]) => key === name)?.[1];
    if (known === undefined) refuse(`There is no switch ${name}.`, `The switches are ${Object.keys(knownSwitches).join(', ')}.`);
    if (!Object.hasOwn(known.answers, answer)) {
      refuse(`The switch ${name} cannot be ${answer}.`, `Its answers are ${Object.keys(known.answers).join(', ')}.`);
    }
  }
  return { ...assumedSwitches, ...options.switches };
}

function refuse(message: string, hint: string): never {
  throw new UsageError({ code: 'simulator_option_invalid', message, hint });
}
