// Names on the command line that must be one of a list.
import { nearest, UsageError } from '../base/index.ts';
import { streams } from '../streams/index.ts';
import type { Stream } from '../streams/index.ts';

/** The stream of that name. Throws `UsageError` naming the nearest one. */
export function streamNamed(name: string): Stream {
  const found = streams.find((stream) => stream.name === name);
  if (found !== undefined) return found;
  const names = streams.map((stream) => stream.name);
  const near = nearest(name, names);
  throw new UsageError({
    code: 'unknown_stream',
    message: `There is no stream named "${name}".`,
    hint: near === null ? `Streams are: ${names.join(', ')}.` : `Did you mean ${near}?`,
  });
}
