// Who a process is, so that another one can tell whether it still lives. A process id alone is reused; together with the
// start of the process and of the machine it is not.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isRunning } from '../store/index.ts';
import type { LeaseHolder } from './destination.ts';

/** This process as the holder of a lease. Every call is another run: two runs of one process do not share a lease. */
export function thisProcess(version: string): LeaseHolder {
  return { host: hostname(), pid: process.pid, startedAt: startOf(process.pid) ?? '', version, run: randomBytes(6).toString('hex') };
}

/** `true` only when the process certainly has ended: same host, and the id is free or belongs to another process. */
export function hasEnded(process_: { readonly host: string; readonly pid: number; readonly startedAt: string }): boolean {
  if (process_.host !== hostname()) return false;
  if (!isRunning(process_.pid)) return true;
  const start = startOf(process_.pid);
  return start !== null && process_.startedAt !== '' && start !== process_.startedAt;
}

/** When a process started, as an opaque text that only equals itself; null when this system does not tell. */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') return startOnLinux(pid);
    if (process.platform === 'win32') return null;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C', TZ: 'UTC' } }).trim() || null;
  } catch {
    return null;
  }
}

/** Clock ticks since boot, with the id of the boot: neither moves when somebody sets the clock. */
function startOnLinux(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in brackets and may hold anything, so fields are counted from its end.
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
  if (ticks === undefined) return null;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
  return `${boot}-${ticks}`;
}
