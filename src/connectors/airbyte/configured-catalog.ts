// Which streams are to be read, and how: the configured catalog of the platform, checked as far as this connector needs it.
// Fields it does not need may hold anything.
import { isObject, type UnknownRecord } from '../../base/index.ts';
import { offeredStreams } from '../connector-streams.ts';
import { InputRefused, StreamRefused } from './input-errors.ts';
import { type InputFile, parseInput } from './input-file.ts';
import type { StreamDescriptor } from './messages.ts';
import { cursorField } from './schema.ts';

export type ConfiguredStream = {
  readonly descriptor: StreamDescriptor;
  readonly fullRefresh: boolean;
  /** The platform replaces what it has by what this read brings. */
  readonly replaces: boolean;
  /** Why it cannot be read; the others are read all the same. */
  readonly refused: StreamRefused | null;
  /** What an operator should know. */
  readonly notes: readonly string[];
};

/** The streams in the order in which they are read. Throws `InputRefused` naming the file and the place. */
export function parseCatalog(file: InputFile, text: string): readonly ConfiguredStream[] {
  const catalog = parseInput(file, text);
  const entries = isObject(catalog) ? catalog['streams'] : undefined;
  if (!Array.isArray(entries)) throw refused(file, 'it has no list named "streams"');
  const configured = new Map<string, ConfiguredStream>();
  for (const [index, entry] of (entries as readonly unknown[]).entries()) {
    const stream = isObject(entry) ? entry['stream'] : undefined;
    if (!isObject(entry) || !isObject(stream) || typeof stream['name'] !== 'string' || stream['name'] === '') {
      throw refused(file, `"streams[${index}]" does not name its stream`);
    }
    const one = configuredStream(entry, { name: stream['name'], namespace: stream['namespace'] });
    if (configured.has(one.descriptor.name)) throw refused(file, `it names the stream "${one.descriptor.name}" twice`);
    configured.set(one.descriptor.name, one);
  }
  const order = offeredStreams.map((stream) => stream.name);
  return [...configured.values()].toSorted((a, b) => order.indexOf(a.descriptor.name) - order.indexOf(b.descriptor.name));
}

function configuredStream(
  entry: UnknownRecord,
  { name, namespace }: { readonly name: string; readonly namespace: unknown },
): ConfiguredStream {
  const { sync_mode: mode, cursor_field: cursor, destination_sync_mode: destinationMode } = entry;
  const { generation_id: generation, minimum_generation_id: minimum } = entry;
  const descriptor = { name, ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}) };
  const asked = Array.isArray(cursor) ? cursor.map(String).join('.') : '';
  const isOurs = asked === '' || asked === cursorField;
  return {
    descriptor,
    fullRefresh: mode === 'full_refresh',
    replaces: destinationMode === 'overwrite' || (typeof generation === 'number' && generation > 0 && generation === minimum),
    refused: refusalOf(name, mode),
    notes: isOurs
      ? []
      : [
          `${name}: the catalog asks for the cursor "${asked}", which is ignored; the source defines it: ${cursorField}. ` +
            'Let the destination deduplicate by it too, because other fields do not grow with every change.',
        ],
  };
}

function refusalOf(name: string, mode: unknown): StreamRefused | null {
  const names = offeredStreams.map((stream) => stream.name);
  if (!names.includes(name)) {
    return new StreamRefused({
      message: `The catalog names the stream "${name}", which this source does not have.`,
      hint: `Refresh the schema of the connection. Streams are: ${names.join(', ')}.`,
    });
  }
  if (mode === 'full_refresh' || mode === 'incremental') return null;
  return new StreamRefused({
    message: `The catalog asks for ${name} in a sync mode that does not exist.`,
    hint: 'The sync modes are full_refresh and incremental.',
  });
}

function refused({ what, path }: InputFile, reason: string): InputRefused {
  return new InputRefused({
    message: `The ${what} file ${path} is not a configured catalog: ${reason}.`,
    hint: 'A configured catalog is { "streams": [{ "stream": { "name": "calls" }, "sync_mode": "incremental" }] }.',
  });
}
