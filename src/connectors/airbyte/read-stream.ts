// Reads one stream and says what it says, in the words of the protocol.
import { type Clock, type Log, throwIfAborted } from '../../base/index.ts';
import type { Aircall } from '../../client/index.ts';
import { type CleanRecord, createNormaliser, type Normaliser, type Quarantined } from '../../rows/index.ts';
import { defaultReread, type Item, Observer, type ReadContext, type ServerTime, type Stream } from '../../streams/index.ts';
import type { RememberedKeys } from '../remembered-keys.ts';
import type { SourceConfig } from './config.ts';
import type { ConfiguredStream } from './configured-catalog.ts';
import { changesOf } from './field-changes.ts';
import { withHeartbeat } from './heartbeat.ts';
import { JustSent } from './just-sent.ts';
import type { Failure, Messages } from './messages.ts';
import { RecordLines } from './record-line.ts';
import type { StreamOutput } from './stream-output.ts';
import type { Resumed } from './stream-state.ts';

export type RunFacts = {
  readonly aircall: Aircall;
  readonly config: SourceConfig;
  readonly messages: Messages;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly serverTime: ServerTime;
  readonly requestsPerMinute: number;
  /** On the clock that never runs backwards: when time for reading older calls again has been used up. */
  readonly endOfRereadsMs: number;
  readonly heartbeatMs: number;
};

export type StreamFacts = {
  readonly stream: Stream;
  /** With every field that any stream of its table declares. */
  readonly offered: Stream;
  readonly configured: ConfiguredStream;
  readonly resumed: Resumed;
  readonly output: StreamOutput;
  /** What it has delivered, if it is swept for deletions. */
  readonly remembered: RememberedKeys | null;
};

/** Writes records and states. Resolves with what kept it from being complete; rejects with what ended it. */
export async function readStream(run: RunFacts, facts: StreamFacts): Promise<readonly Failure[]> {
  const { signal, clock, heartbeatMs } = run;
  const { stream, output } = facts;
  const reading = new Reading(run, facts);
  const items = withHeartbeat(stream.read(contextOf(run, facts)), {
    clock,
    everyMs: heartbeatMs,
    silentForMs: () => output.silentForMs,
    beat: () => output.beat(),
  });
  for await (const item of items) {
    throwIfAborted(signal);
    await reading.take(item);
  }
  return reading.failures;
}

class Reading {
  readonly failures: Failure[] = [];
  readonly #run: RunFacts;
  readonly #facts: StreamFacts;
  readonly #normaliser: Normaliser;
  readonly #lines: RecordLines;
  readonly #observer: Observer;
  readonly #justSent = new JustSent();
  readonly #reported = new Set<string>();

  constructor(run: RunFacts, facts: StreamFacts) {
    const { stream, offered, resumed } = facts;
    this.#run = run;
    this.#facts = facts;
    this.#normaliser = createNormaliser({ shape: stream.shape });
    this.#lines = new RecordLines(offered.shape, (path) => this.#reportUnknown(path));
    this.#observer = new Observer(resumed.state.observedAt);
  }

  async take(item: Item): Promise<void> {
    const { output, stream } = this.#facts;
    const { messages } = this.#run;
    const { name } = stream;
    switch (item.kind) {
      case 'records':
        return this.#records(item);
      case 'gone':
        return this.#gone(item);
      case 'checkpoint':
        return output.checkpoint(item.state);
      case 'progress':
        return item.expectedRows === undefined ? undefined : output.expect(item.expectedRows);
      case 'closed':
        await output.running();
        return messages.log('INFO', `${name}: ${item.label}: Aircall counts ${item.total}, ${item.distinct} different ones were seen.`);
      case 'incomplete':
        this.failures.push({
          message: `${name} could not be proven complete: ${item.label}: ${item.reason}. What was read is kept, the next sync tries again.`,
          internal: `unproven: ${item.label}`,
          type: 'transient_error',
        });
        return;
      case 'held':
        this.failures.push({
          message:
            `${item.rows} of ${item.of} rows of ${name} are no longer listed by Aircall. That many deletions are held back; ` +
            'if they are right, switch on "Confirm deletions" (confirm_deletions) for the next sync.',
          internal: 'deletions_held',
          type: 'config_error',
        });
        return;
      case 'off':
        return this.#off(item.reason);
      case 'due':
        return messages.log('INFO', `${name}: ${item.text}; the next syncs do it.`);
      case 'notice':
        return messages.log('WARN', `${name}: ${item.text}`);
    }
  }

  async #records({ records, sentAtMs }: Extract<Item, { kind: 'records' }>): Promise<void> {
    const { output, stream } = this.#facts;
    await output.running();
    const observedAt = this.#observer.stamp(sentAtMs);
    const texts: string[] = [];
    for (const record of records) {
      const cleaned = this.#normaliser.clean(record, { observedAtMs: sentAtMs });
      const { key } = cleaned;
      if (cleaned.quarantined.length > 0) this.#reportOdd(cleaned.quarantined);
      if (cleaned.record === null || key === null) {
        output.reject();
        continue;
      }
      this.#remember(key, cleaned.record);
      const body = this.#lines.body(cleaned.record);
      if (this.#justSent.has(key, body)) continue;
      const meta = cleaned.quarantined.length === 0 ? '' : `,"meta":${JSON.stringify({ changes: changesOf(cleaned, stream.shape.table) })}`;
      texts.push(this.#lines.data(body, { observedAt, deletedAt: null }) + meta);
    }
    await output.write(texts, observedAt);
  }

  async #gone({ keys, sentAtMs }: Extract<Item, { kind: 'gone' }>): Promise<void> {
    const observedAt = this.#observer.stamp(sentAtMs);
    for (const key of keys) {
      this.#justSent.forget(key);
      this.#facts.remembered?.delete(key);
    }
    const bodies = keys.map((key) => this.#lines.tombstone(key)).filter((body) => body !== null);
    const texts = bodies.map((body) => this.#lines.data(body, { observedAt, deletedAt: observedAt }));
    await this.#facts.output.write(texts, observedAt);
  }

  #remember(key: string, record: CleanRecord): void {
    const { remembered, stream } = this.#facts;
    if (remembered === null || stream.sweptBy === undefined) return;
    const moment = record[stream.sweptBy];
    if (typeof moment === 'string') remembered.add(key, Math.floor(Date.parse(moment) / 1000));
    if (remembered.isFull && this.#isNews('remembered')) {
      const text = `${stream.name}: there are too many rows to remember, so that deletions are noticed by a full refresh only.`;
      void this.#run.messages.log('WARN', text);
    }
  }

  /** Where the platform would replace what it has by what little was read, the stream must not count as complete. */
  async #off(reason: string): Promise<void> {
    const { stream, configured } = this.#facts;
    await this.#run.messages.log('WARN', `${stream.name} is off: ${reason}`);
    if (!configured.replaces) return;
    this.failures.push({
      message: `${reason} ${stream.name} is not read; what was loaded before stays. Remove the stream from the connection, or ask Aircall for the product.`,
      internal: 'stream_off',
      type: 'config_error',
    });
  }

  #reportUnknown(path: string): void {
    if (this.#isNews(path)) {
      void this.#run.messages.log(
        'WARN',
        `${this.#facts.stream.name}: Aircall sends a field nobody declared, ${path}; it is in the records, not in the schema.`,
      );
    }
  }

  #reportOdd(quarantined: readonly Quarantined[]): void {
    for (const { table, column, reason } of quarantined) {
      const where = column === null ? 'a record was left out' : `values of ${table}.${column} were left out`;
      if (this.#isNews(`${where} ${reason}`)) void this.#run.messages.log('WARN', `${this.#facts.stream.name}: ${where}: ${reason}.`);
    }
  }

  /** Once a run, and for so many things only: a log is no place for floods. */
  #isNews(what: string): boolean {
    if (this.#reported.has(what) || this.#reported.size >= 200) return false;
    this.#reported.add(what);
    return true;
  }
}

function contextOf(run: RunFacts, { resumed, output, remembered }: StreamFacts): ReadContext {
  const { aircall, config, clock, log, signal, serverTime, requestsPerMinute, endOfRereadsMs } = run;
  return {
    aircall,
    request: {
      signal,
      priority: 'pipeline',
      onAnswer: ({ serverTimeMs }) => serverTime.observe(serverTimeMs),
      onWait: ({ delayMs, reason }) => {
        if (reason !== 'retry') output.waiting(delayMs);
      },
    },
    state: resumed.state.inner,
    startAt: config.startAt === null ? null : Math.floor(config.startAt.getTime() / 1000),
    full: false,
    range: null,
    sweep: config.confirmDeletions,
    // Whoever puts a stream into the catalog has decided on its price.
    confirmed: true,
    confirm: () => Promise.resolve(true),
    requestsPerMinute,
    reread: defaultReread,
    outOfTime: () => clock.monotonic() >= endOfRereadsMs,
    known: remembered,
    serverTime,
    callExtras: config.callExtras,
    clock,
    log,
  };
}
