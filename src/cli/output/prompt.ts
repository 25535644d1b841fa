// Questions to the person at the terminal. They are written to stderr, so that stdout stays clean; a secret is not echoed.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Interrupted, UsageError } from '../../base/index.ts';
import type { World } from '../world.ts';

type Asking = Pick<World, 'stdin' | 'stderr' | 'signal' | 'isInteractive'>;

/**
 * Asks and returns the answer without surrounding spaces, or `fallback` for an empty one. Throws `UsageError` with
 * `instead` as its hint where nobody can be asked.
 */
export async function ask(
  world: Asking,
  question: { readonly text: string; readonly fallback?: string; readonly secret?: boolean; readonly instead: string },
): Promise<string> {
  if (!world.isInteractive) {
    throw new UsageError({ code: 'nobody_to_ask', message: `There is no terminal to ask: ${question.text}`, hint: question.instead });
  }
  const prompt = `${question.text}${question.fallback === undefined ? '' : ` [${question.fallback}]`} `;
  const answer = (await readLine(world, prompt, question.secret ?? false)).trim();
  return answer === '' ? (question.fallback ?? '') : answer;
}

/** Asks for yes or no; anything but yes is no. */
export async function confirm(world: Asking, text: string, instead: string): Promise<boolean> {
  const answer = await ask(world, { text: `${text} (yes/no)`, fallback: 'no', instead });
  return /^y(es)?$/i.test(answer);
}

function readLine(world: Asking, prompt: string, secret: boolean): Promise<string> {
  // readline writes the prompt and echoes what is typed to one place; for a secret, what follows the prompt is swallowed.
  let muted = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // Not awaited: what is written before the mute must not be held back until after it.
      if (!muted) void world.stderr.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: world.stdin, output, prompt, terminal: true });
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (act: () => void) => {
      if (settled) return;
      settled = true;
      world.signal.removeEventListener('abort', stop);
      reader.close();
      if (secret) void world.stderr.write('\n');
      act();
    };
    const stop = () => settle(() => reject(new Interrupted()));
    world.signal.addEventListener('abort', stop, { once: true });
    reader.once('line', (line) => settle(() => resolve(line)));
    reader.once('SIGINT', stop);
    reader.once('close', stop);
    reader.prompt();
    muted = secret;
  });
}
