// What ends a task. Nothing of what came in is in a message: requests hold configurations, and those hold secrets.
import { TrunklineError } from '../../base/index.ts';

/** What came in is not what the protocol says. */
export class ProtocolBroken extends TrunklineError {
  constructor(facts: { readonly message: string; readonly hint?: string | undefined }) {
    super({ code: 'protocol_broken', ...facts });
  }
}

/** The configuration or the bindings cannot be used. Says everything that is wrong with them at once. */
export class TaskRefused extends TrunklineError {
  constructor(what: string, problems: readonly string[]) {
    super({
      code: 'task_refused',
      message: `${what} cannot be used: ${problems.join('; ')}.`,
      hint: problems.length === 1 ? 'Change it in the task, and publish again.' : 'Change these in the task, and publish again.',
    });
  }
}

/** The state of the task cannot be read. */
export class StateBroken extends TrunklineError {
  constructor(where: string, what: string) {
    super({
      code: 'state_broken',
      message: `The saved state of ${where} cannot be read: ${what}.`,
      hint: 'Undo what was edited in it, or backfill the binding, so that it is read from the start.',
    });
  }
}
