import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who a process is, in a way that a reused process id cannot fake. Plain data: it is stored and compared later. */
export type ProcessIdentity = {
  /** The running kernel: changes with every start of the machine. */
  readonly kernel: string;
  /** Inside a container the same id means another process. */
  readonly namespace: string;
  readonly pid: number;
  /** When the process started, in a unit of the system's own; empty where the system does not say. */
  readonly started: string;
};

export type Liveness = 'alive' | 'dead' | 'unknown';

/** What the machine tells about time and processes; a parameter, so that tests can be a machine. */
export interface Machine {
  readonly self: ProcessIdentity;
  /** Milliseconds since the machine started: never runs backwards, and is the same for all its processes. */
  uptimeMs(): number;
  liveness(process: ProcessIdentity): Liveness;
}

export const thisMachine: Machine = {
  self: { kernel: kernelId(), namespace: pidNamespace(), pid: process.pid, started: startOf(process.pid) ?? '' },
  // The system's monotonic clock, counted from its start (nodejs.org/api/process.html#processhrtimebigint).
  uptimeMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  liveness(other) {
    const { self } = thisMachine;
    if (other.kernel !== self.kernel || other.namespace !== self.namespace) return 'unknown';
    if (!isRunning(other.pid)) return 'dead';
    const started = startOf(other.pid);
    if (started === undefined || other.started === '') return 'unknown';
    return started === other.started ? 'alive' : 'dead';
  },
};

/** Whether there is a process of that id here; it may be another one than was meant. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function kernelId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? hostname();
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Field 22 of /proc/PID/stat (man 5 proc): clock ticks between the start of the machine and that of the process. */
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may contain anything, so that we count from its end.
  return stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
