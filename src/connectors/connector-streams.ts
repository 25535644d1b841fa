// The streams as connectors offer them: one for each table. Where two streams fill the same table, the fuller one declares the
// fields, and an option says which of them reads.
import { type Stream, streams } from '../streams/index.ts';

/** A stream by the name of its table, with the fields of the fullest one that fills it. */
export const offeredStreams: readonly Stream[] = tables().map((table) => {
  const [plain, ...fuller] = streamsOf(table);
  return { ...plain!, shape: fuller.at(-1)?.shape ?? plain!.shape };
});

/** The stream that reads a table. `full`: the fullest one, at the price of more requests. Null for an unknown name. */
export function streamFor(table: string, { full }: { readonly full: boolean }): Stream | null {
  const all = streamsOf(table);
  return (full ? all.at(-1) : all[0]) ?? null;
}

function tables(): readonly string[] {
  return [...new Set(streams.map((stream) => stream.shape.table))];
}

function streamsOf(table: string): readonly Stream[] {
  return streams.filter((stream) => stream.shape.table === table);
}
