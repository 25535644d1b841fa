// A strict double of what runs Airbyte sources: it checks every line of a read and everything that the protocol says about
// their order, commits what a state covers, and keeps the tables that a deduplicating destination would end up with.
import type { Truth } from '../../src/simulator/index.ts';
import { type AirbyteMessage, type CatalogStream, isRecord, misfits, parseMessage, type RecordMessage } from './airbyte-model.ts';

export type SyncMode = 'full_refresh' | 'incremental';

export type ConfiguredStream = {
  readonly stream: CatalogStream;
  readonly sync_mode: SyncMode;
  readonly destination_sync_mode: 'append' | 'overwrite' | 'append_dedup';
  readonly cursor_field: readonly string[];
  readonly primary_key: readonly (readonly string[])[];
};

export type ConfiguredCatalog = { readonly streams: readonly ConfiguredStream[] };

export function configure(streams: readonly CatalogStream[], mode: SyncMode = 'incremental', names?: readonly string[]): ConfiguredCatalog {
  return {
    streams: streams
      .filter(({ name }) => names === undefined || names.includes(name))
      .map((stream) => ({
        stream,
        sync_mode: mode,
        destination_sync_mode: mode === 'incremental' ? 'append_dedup' : 'overwrite',
        cursor_field: stream.default_cursor_field,
        primary_key: stream.source_defined_primary_key,
      })),
  };
}

/** A state as platforms keep it: without the envelope of the message. */
export type SavedState = {
  readonly type: 'STREAM';
  readonly stream: { readonly stream_descriptor: { readonly name: string }; readonly stream_state: unknown };
};

export function savedState(name: string, blob: unknown): SavedState {
  return { type: 'STREAM', stream: { stream_descriptor: { name }, stream_state: blob } };
}

type Row = { readonly data: Record<string, unknown>; readonly cursor: string; readonly emittedAt: number };

/** What a destination has, and the states it has committed. Survives the reads that fill it. */
export class Platform {
  readonly #tables = new Map<string, Map<string, Row>>();
  readonly #states = new Map<string, unknown>();
  readonly #uncovered = new Set<string>();

  /** As passed to the next read. */
  states(): readonly SavedState[] {
    return [...this.#states].map(([name, blob]) => savedState(name, blob));
  }

  setState(name: string, blob: unknown): void {
    this.#states.set(name, blob);
  }

  /** One row per primary key, the newest by cursor, ties by extraction time. */
  write(stream: ConfiguredStream, records: readonly RecordMessage[]): void {
    const { name, source_defined_primary_key: key, default_cursor_field: cursor } = stream.stream;
    const table = this.#tables.get(name) ?? new Map<string, Row>();
    this.#tables.set(name, table);
    for (const { data, emitted_at: emittedAt } of records) {
      const row = { data, cursor: String(at(data, cursor)), emittedAt };
      const id = JSON.stringify(key.map((path) => at(data, path)));
      const before = table.get(id);
      const isNewer = before === undefined || row.cursor > before.cursor || (row.cursor === before.cursor && emittedAt >= before.emittedAt);
      if (isNewer) table.set(id, row);
    }
  }

  /** Writes what no state covers: its source died and does not know that it has arrived. */
  writeUncovered(stream: ConfiguredStream, records: readonly RecordMessage[]): void {
    this.write(stream, records);
    const { name, source_defined_primary_key: key } = stream.stream;
    for (const { data } of records) this.#uncovered.add(`${name} ${textOf(at(data, key[0]!))}`);
  }

  /** Whether a row came in without a state that covers it: should it go before the next read, nobody can know. */
  isUncovered(name: string, key: string): boolean {
    return this.#uncovered.has(`${name} ${key}`);
  }

  /** Starts a table anew, as an overwriting refresh does. */
  clear(name: string): void {
    this.#tables.delete(name);
    this.#states.delete(name);
  }

  /** Rows that are not marked as deleted, by their key as text. */
  live(name: string): ReadonlyMap<string, Record<string, unknown>> {
    const rows = [...(this.#tables.get(name) ?? new Map<string, Row>())].map(
      ([id, { data }]) => [String((JSON.parse(id) as unknown[])[0]), data] as const,
    );
    return new Map(rows.filter(([, data]) => data['_ab_cdc_deleted_at'] === null));
  }

  /** Keys of rows that are marked as deleted. */
  deleted(name: string): readonly string[] {
    return [...(this.#tables.get(name) ?? new Map<string, Row>())]
      .filter(([, { data }]) => data['_ab_cdc_deleted_at'] !== null)
      .map(([id]) => String((JSON.parse(id) as unknown[])[0]));
  }

  /** What differs between the tables and what Aircall has; empty when nothing does. */
  differences(truth: Partial<Truth>, options: { readonly mayBeStored?: (stream: string, key: string) => boolean } = {}): readonly string[] {
    const { mayBeStored = () => false } = options;
    return Object.entries(truth).flatMap(([name, records]) => {
      const live = this.live(name);
      return [
        ...[...live.keys()].filter((key) => !records.has(key) && !mayBeStored(name, key)).map((key) => `${name} ${key}: stored, not there`),
        ...[...records].flatMap(([key, record]) => {
          const row = live.get(key);
          return row === undefined ? [`${name} ${key}: missing`] : differencesIn(`${name} ${key}`, name, record, row);
        }),
      ];
    });
  }
}

/** Paths that are kept out on purpose. */
const leftOut: Readonly<Record<string, RegExp>> = {
  calls: /^(?:recording|voicemail)(?:_short_url)?$|^number\.messages|^contact\.(?!id$|first_name$|last_name$|company_name$)/,
  webhooks: /^token$/,
  users: /^numbers/,
};

function differencesIn(where: string, stream: string, truth: unknown, stored: unknown, path = ''): readonly string[] {
  if (leftOut[stream]?.test(path) === true) return [];
  if (Array.isArray(truth)) {
    if (!Array.isArray(stored) || stored.length !== truth.length) return [`${where}: ${path} has another length`];
    return truth.flatMap((each: unknown, index) => differencesIn(where, stream, each, stored[index], path));
  }
  if (isRecord(truth)) {
    if (!isRecord(stored)) return [`${where}: ${path} is no object`];
    const inside = (name: string) => (path === '' ? name : `${path}.${name}`);
    return Object.entries(truth).flatMap(([name, inner]) => differencesIn(where, stream, inner, stored[name], inside(name)));
  }
  return isSame(truth, stored) ? [] : [`${where}: ${path} is ${JSON.stringify(stored)}, not ${textOf(truth)}`];
}

function isSame(truth: unknown, stored: unknown): boolean {
  if (truth === null || truth === undefined) return stored === null || stored === undefined;
  if (typeof stored === 'string' && /^\d{4}-\d\d-\d\dT/.test(stored)) {
    const moment = typeof truth === 'number' ? truth * 1000 : Date.parse(textOf(truth));
    return Date.parse(stored) === moment;
  }
  return textOf(truth) === textOf(stored);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}

function at(data: Record<string, unknown>, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), data);
}

export type AttemptOptions = {
  readonly catalog: ConfiguredCatalog;
  /** Must not stand in any line. */
  readonly secrets?: readonly string[];
  /** Where committed records and states go. */
  readonly platform?: Platform;
  /** A destination may have written records that no state covers when the source died. */
  readonly keepsUncommitted?: boolean;
};

type Seen = {
  readonly configured: ConfiguredStream;
  readonly statuses: string[];
  readonly blobs: string[];
  readonly counts: number[];
  records: number;
  sinceState: number;
  pending: RecordMessage[];
};

/** One read as it is written, line by line. */
export class Attempt {
  readonly messages: AirbyteMessage[] = [];
  /** What broke a rule of the protocol. */
  readonly violations: string[] = [];
  readonly #options: AttemptOptions;
  readonly #streams: Map<string, Seen>;
  #lastEmitted = 0;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#streams = new Map(
      options.catalog.streams.map((configured) => [
        configured.stream.name,
        { configured, statuses: [], blobs: [], counts: [], records: 0, sinceState: 0, pending: [] },
      ]),
    );
  }

  /** `output` may end in the middle of a line when the process was killed. */
  read(output: string, { isCut = false } = {}): this {
    const lines = output.split('\n');
    const rest = lines.pop();
    if (rest !== '' && !isCut) this.#wrong('the output does not end with a line end');
    for (const line of lines) this.line(line);
    if (isCut && this.#options.keepsUncommitted === true) {
      for (const { configured, pending } of this.#streams.values()) this.#options.platform?.writeUncovered(configured, pending);
    }
    return this;
  }

  line(line: string): void {
    let message: AirbyteMessage;
    try {
      message = parseMessage(line);
    } catch (error) {
      this.#wrong(String(error));
      return;
    }
    this.messages.push(message);
    if (message.type !== 'CONTROL') {
      for (const secret of this.#options.secrets ?? []) if (line.includes(secret)) this.#wrong(`a secret stands in ${line.slice(0, 80)}`);
    }
    if (message.type === 'RECORD') this.#record(message.record);
    else if (message.type === 'STATE') this.#state(message.state, line);
    else if (message.type === 'TRACE') this.#trace(message.trace);
    else if (message.type !== 'LOG' && message.type !== 'CONTROL') this.#wrong(`${message.type} has no place in a read`);
  }

  /** The process has ended by itself. */
  end(exitCode: number): this {
    let complete = true;
    for (const [name, { statuses, blobs, pending, sinceState, counts, records }] of this.#streams) {
      const last = statuses.at(-1);
      if (last !== 'COMPLETE' && last !== 'INCOMPLETE') this.#wrong(`${name}: ends without a terminal status: ${statuses.join(' ')}`);
      if (last !== 'COMPLETE') complete = false;
      if (statuses.length < 3) this.#wrong(`${name}: has fewer than three statuses`);
      if (last === 'COMPLETE' && blobs.length === 0) this.#wrong(`${name}: has no state`);
      if (pending.length > 0 || sinceState > 0) this.#wrong(`${name}: records follow its last state`);
      const sum = counts.reduce((all, each) => all + each, 0);
      if (sum !== records) this.#wrong(`${name}: its counts add up to ${sum}, not ${records}`);
    }
    const errors = this.errors.length;
    if (complete !== (exitCode === 0)) this.#wrong(`exit code ${exitCode} although ${complete ? 'all' : 'not all'} streams are complete`);
    if (exitCode === 0 && errors > 0) this.#wrong('exit code 0 after an error');
    return this;
  }

  get errors() {
    return this.messages.flatMap((message) => (message.type === 'TRACE' && message.trace.type === 'ERROR' ? [message.trace.error] : []));
  }

  get logs() {
    return this.messages.flatMap((message) => (message.type === 'LOG' ? [message.log] : []));
  }

  records(name?: string): readonly RecordMessage[] {
    return this.messages.flatMap((message) =>
      message.type === 'RECORD' && (name === undefined || message.record.stream === name) ? [message.record] : [],
    );
  }

  /** Blobs of a stream with the number of records before each, in order. */
  states(name: string): readonly { readonly blob: unknown; readonly records: number }[] {
    return this.messages.flatMap((message) =>
      message.type === 'STATE' && message.state.stream.stream_descriptor.name === name
        ? [{ blob: message.state.stream.stream_state, records: message.state.sourceStats.recordCount }]
        : [],
    );
  }

  statuses(name: string): readonly string[] {
    return this.#streams.get(name)?.statuses ?? [];
  }

  #record(record: RecordMessage): void {
    const { stream: name, data, emitted_at: emitted } = record;
    const seen = this.#seen(name);
    if (seen === undefined) return;
    const { stream } = seen.configured;
    if (seen.statuses.at(-1) !== 'RUNNING') this.#wrong(`${name}: a record after ${seen.statuses.join(' ')}`);
    for (const misfit of misfits(data, stream.json_schema)) this.#wrong(`${name}: ${misfit}`);
    for (const path of stream.source_defined_primary_key) {
      const value = at(data, path);
      if (value === null || value === undefined || typeof value === 'object')
        this.#wrong(`${name}: primary key ${path.join('.')} is ${JSON.stringify(value)}`);
    }
    if (typeof at(data, stream.default_cursor_field) !== 'string') this.#wrong(`${name}: a record without cursor`);
    if (emitted < this.#lastEmitted) this.#wrong(`${name}: emitted_at runs backwards`);
    this.#lastEmitted = emitted;
    seen.records += 1;
    seen.sinceState += 1;
    seen.pending.push(record);
  }

  #state(state: Extract<AirbyteMessage, { type: 'STATE' }>['state'], line: string): void {
    const { name } = state.stream.stream_descriptor;
    const seen = this.#seen(name);
    if (seen === undefined) return;
    if (seen.statuses.at(-1) !== 'RUNNING') this.#wrong(`${name}: a state after ${seen.statuses.join(' ')}`);
    const { recordCount } = state.sourceStats;
    if (recordCount !== seen.sinceState) this.#wrong(`${name}: a state counts ${recordCount} records, there were ${seen.sinceState}`);
    if (!line.includes(`"recordCount":${recordCount}.0`)) this.#wrong(`${name}: a count without a decimal point`);
    const text = JSON.stringify(state.stream.stream_state);
    if (seen.blobs.includes(text)) this.#wrong(`${name}: the same state twice`);
    seen.blobs.push(text);
    seen.counts.push(recordCount);
    seen.sinceState = 0;
    this.#options.platform?.write(seen.configured, seen.pending);
    this.#options.platform?.setState(name, state.stream.stream_state);
    seen.pending = [];
  }

  #trace(trace: Extract<AirbyteMessage, { type: 'TRACE' }>['trace']): void {
    if (trace.type === 'ESTIMATE') {
      const status = this.#seen(trace.estimate.name)?.statuses.at(-1);
      if (status !== 'RUNNING' && status !== 'STARTED') this.#wrong(`${trace.estimate.name}: an estimate while not being read`);
    }
    if (trace.type !== 'STREAM_STATUS') return;
    const { status, stream_descriptor: descriptor } = trace.stream_status;
    const seen = this.#seen(descriptor.name);
    if (seen === undefined) return;
    const allowed: Readonly<Record<string, readonly string[]>> = {
      none: ['STARTED'],
      STARTED: ['RUNNING'],
      RUNNING: ['RUNNING', 'COMPLETE', 'INCOMPLETE'],
      COMPLETE: [],
      INCOMPLETE: [],
    };
    if (allowed[seen.statuses.at(-1) ?? 'none']?.includes(status) !== true) {
      this.#wrong(`${descriptor.name}: ${status} after ${seen.statuses.join(' ')}`);
    }
    if (status === 'COMPLETE' && this.errors.some((error) => error.stream_descriptor?.name === descriptor.name)) {
      this.#wrong(`${descriptor.name}: complete after an error`);
    }
    seen.statuses.push(status);
  }

  #seen(name: string): Seen | undefined {
    const seen = this.#streams.get(name);
    if (seen === undefined) this.#wrong(`${name} is not in the catalog`);
    return seen;
  }

  #wrong(what: string): void {
    if (this.violations.length < 30) this.violations.push(what);
  }
}
