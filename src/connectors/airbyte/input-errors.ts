// What can be wrong with the files a platform hands over. Nothing of their content is in a message: a configuration holds secrets.
import { TrunklineError } from '../../base/index.ts';

/** A file that cannot be read or is not what it should be. */
export class InputRefused extends TrunklineError {
  constructor(facts: { readonly message: string; readonly hint?: string | undefined }, options?: { cause?: unknown }) {
    super({ code: 'input_refused', ...facts }, options);
  }
}

/** The state of one stream; the other streams are not concerned. */
export class StateBroken extends TrunklineError {
  constructor(stream: string, what: string) {
    super({
      code: 'state_broken',
      message: `The saved state of ${stream} cannot be read: ${what}.`,
      hint: 'Undo what was edited in it, or clear the stream, so that it is read from the start.',
    });
  }
}

/** A stream of the catalog that cannot be read as asked. */
export class StreamRefused extends TrunklineError {
  constructor(facts: { readonly message: string; readonly hint: string }) {
    super({ code: 'stream_refused', ...facts });
  }
}
