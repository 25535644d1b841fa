// What all phases of all requests share: the parts, the settings, and what lives as long as the gateway.
import type { Capability } from '../capabilities/capability.ts';
import type { GatewayParts } from './parts.ts';
import { RawCache } from './raw-cache.ts';
import { Recorder } from './recorder.ts';
import { Shares } from './shares.ts';

export type GatewaySettings = {
  /** Where agents reach the gateway, for links between pages; without a slash at the end. */
  readonly publicUrl: string;
  /** The longest a request waits for its turn, in milliseconds. Default: 8,000. */
  readonly maximumWaitMs?: number;
  /** For how long an answer to a read is used again, in milliseconds; 0: never. Default: 5,000. */
  readonly cacheMs?: number;
  /** What all kept answers may take together, roughly. Default: 32 MB. */
  readonly cacheBytes?: number;
  /** How many requests of one agent run at once. Default: 8. */
  readonly maximumAtOnce?: number;
  /** How safe the records of reads are; those of writes are always safe from a loss of power. Default: `process`. */
  readonly readDurability?: 'process' | 'power';
};

/** For metrics. Without personal data. */
export type GatewayNote =
  | { readonly kind: 'reply'; readonly capability: string | null; readonly result: string; readonly durationMs: number }
  | { readonly kind: 'unknown_fields'; readonly capability: string; readonly names: readonly string[] };

export type FlowContext = GatewayParts & {
  readonly settings: Required<GatewaySettings>;
  readonly note: (fact: GatewayNote) => void;
  readonly shares: Shares;
  readonly cache: RawCache;
  readonly recorder: Recorder;
};

export function createContext(parts: GatewayParts, given: GatewaySettings, note: (fact: GatewayNote) => void): FlowContext {
  const settings: Required<GatewaySettings> = {
    maximumWaitMs: 8000,
    cacheMs: 5000,
    cacheBytes: 32 * 1024 * 1024,
    maximumAtOnce: 8,
    readDurability: 'process',
    ...given,
  };
  return {
    ...parts,
    settings,
    note,
    shares: new Shares({ maximumAtOnce: settings.maximumAtOnce }),
    cache: new RawCache({ clock: parts.clock, ttlMs: settings.cacheMs, maximumBytes: settings.cacheBytes }),
    recorder: new Recorder(parts),
  };
}

/** What the intents and outcomes of a capability must be safe from before it goes on. */
export function durabilityOf({ settings }: FlowContext, { effect }: Capability): 'process' | 'power' {
  return effect === 'read' ? settings.readDurability : 'power';
}
