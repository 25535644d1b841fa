import type { LockWait } from '../../load/index.ts';
import type { Output } from '../world.ts';

/** Waits shorter than this are not worth a line. */
const silentMs = 1000;

/** Says once, for a whole command, who holds the destination that is waited for. */
export function lockNotice(stderr: Output): (wait: LockWait) => void {
  let told = false;
  return ({ holder, waitedMs }) => {
    if (told || waitedMs < silentMs) return;
    told = true;
    void stderr.write(`The destination is open in ${holder}; waiting until it is free. Ctrl-C ends the wait.\n`);
  };
}
