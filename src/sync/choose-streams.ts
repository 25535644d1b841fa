// From the names an operator gave to the streams that are read, in the order in which they are read.
import { UsageError } from '../base/index.ts';
import { defaultStreams, type Stream, streams } from '../streams/index.ts';

/** Throws `UsageError` naming an unknown stream and the known ones. Without names: all that cost no request per row. */
export function chooseStreams(names: readonly string[] | undefined): readonly Stream[] {
  if (names === undefined || names.length === 0) return defaultStreams;
  for (const name of names) {
    if (streams.some((stream) => stream.name === name)) continue;
    throw new UsageError({
      code: 'unknown_stream',
      message: `There is no stream named "${name}".`,
      hint: `Streams are: ${streams.map((stream) => stream.name).join(', ')}.`,
    });
  }
  const chosen = streams.filter((stream) => names.includes(stream.name));
  // Of two streams that fill one table, the fuller one.
  return chosen.filter(
    (stream) => !chosen.some((other) => other !== stream && other.shape.table === stream.shape.table && other.optIn === true),
  );
}
