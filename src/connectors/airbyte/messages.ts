// Everything that leaves the connector: one JSON object a line, in one place, redacted. The names of the fields are those of
// Airbyte's protocol (docs.airbyte.com/platform/understanding-airbyte/airbyte-protocol).
import type { Clock, JsonObject, Log, LogFacts } from '../../base/index.ts';
import { noRedaction, type Redactor } from './redact.ts';

export type StreamDescriptor = { readonly name: string; readonly namespace?: string };
export type LogLevel = 'FATAL' | 'ERROR' | 'WARN' | 'INFO' | 'DEBUG';
export type StreamStatus = 'STARTED' | 'RUNNING' | 'COMPLETE' | 'INCOMPLETE';
/** Who has to act: the operator, nobody (it passes), or whoever maintains the connector. */
export type FailureType = 'config_error' | 'transient_error' | 'system_error';

export type Failure = {
  /** For people: what happened and what to do. */
  readonly message: string;
  /** For developers. */
  readonly internal: string;
  readonly type: FailureType;
  readonly stack?: string | undefined;
};

export type MessagesOptions = {
  /** Takes whole lines; resolves when they were taken. */
  readonly write: (text: string) => Promise<void>;
  readonly clock: Clock;
  readonly debug: boolean;
};

export class Messages {
  readonly #options: MessagesOptions;
  #redactor: Redactor = noRedaction;
  #lastEmittedMs = 0;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /** From here on. */
  redactWith(redactor: Redactor): void {
    this.#redactor = redactor;
  }

  /** Milliseconds since 1970 that never run backwards within a run: destinations order by them. */
  emittedAt(): number {
    this.#lastEmittedMs = Math.max(this.#lastEmittedMs, Math.floor(this.#options.clock.now()));
    return this.#lastEmittedMs;
  }

  spec(spec: JsonObject): Promise<void> {
    return this.#send({ type: 'SPEC', spec });
  }

  connectionStatus(failure: string | null): Promise<void> {
    const connectionStatus = failure === null ? { status: 'SUCCEEDED' } : { status: 'FAILED', message: this.#redactor.text(failure) };
    return this.#send({ type: 'CONNECTION_STATUS', connectionStatus });
  }

  catalog(streams: readonly JsonObject[]): Promise<void> {
    return this.#send({ type: 'CATALOG', catalog: { streams } });
  }

  log(level: LogLevel, message: string): Promise<void> {
    if (level === 'DEBUG' && !this.#options.debug) return Promise.resolve();
    return this.#send({ type: 'LOG', log: { level, message: this.#redactor.text(message) } });
  }

  /** Lines of records, each with its line end. */
  records(lines: string): Promise<void> {
    return this.#options.write(this.#redactor.line(lines));
  }

  state(stream: StreamDescriptor, blob: JsonObject, counts: { readonly records: number; readonly rejected: number }): Promise<void> {
    const state = JSON.stringify({ type: 'STREAM', stream: { stream_descriptor: stream, stream_state: blob } });
    // The protocol's counts are doubles, written with a decimal point.
    const rejected = counts.rejected > 0 ? `,"rejectedRecordCount":${counts.rejected}.0` : '';
    const stats = `{"recordCount":${counts.records}.0${rejected}}`;
    return this.records(`{"type":"STATE","state":${state.slice(0, -1)},"sourceStats":${stats}}}\n`);
  }

  /** With `limitedUntilMs`: nothing moves before that moment, because the request budget is used up. */
  status(stream: StreamDescriptor, status: StreamStatus, limitedUntilMs?: number): Promise<void> {
    const reasons =
      limitedUntilMs === undefined ? {} : { reasons: [{ type: 'RATE_LIMITED', rate_limited: { quota_reset: Math.ceil(limitedUntilMs) } }] };
    return this.#trace({ type: 'STREAM_STATUS', stream_status: { stream_descriptor: stream, status, ...reasons } });
  }

  estimate(stream: StreamDescriptor, rows: number): Promise<void> {
    return this.#trace({ type: 'ESTIMATE', estimate: { ...stream, type: 'STREAM', row_estimate: rows } });
  }

  error(failure: Failure, stream?: StreamDescriptor): Promise<void> {
    const { message, internal, type, stack } = failure;
    const error = {
      message: this.#redactor.text(message),
      internal_message: this.#redactor.text(internal),
      failure_type: type,
      ...(stack === undefined ? {} : { stack_trace: this.#redactor.text(stack) }),
      ...(stream === undefined ? {} : { stream_descriptor: stream }),
    };
    return this.#trace({ type: 'ERROR', error });
  }

  /** The configuration that the platform is to keep: the one message that carries secrets on purpose. */
  control(config: JsonObject): Promise<void> {
    const control = { type: 'CONNECTOR_CONFIG', emitted_at: this.#options.clock.now(), connectorConfig: { config } };
    return this.#options.write(`${JSON.stringify({ type: 'CONTROL', control })}\n`);
  }

  /** A log for the rooms below. Its lines do not wait for the reader: they are few. */
  asLog(): Log {
    const at =
      (level: LogLevel) =>
      (message: string, facts: LogFacts = {}): void => {
        const shown = Object.entries(facts).filter(([, value]) => value !== undefined);
        const tail = shown.length === 0 ? '' : ` (${shown.map(([name, value]) => `${name}=${String(value)}`).join(', ')})`;
        void this.log(level, `${message}${tail}`);
      };
    return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
  }

  #trace(trace: { readonly type: string } & JsonObject): Promise<void> {
    const { type, ...payload } = trace;
    return this.#send({ type: 'TRACE', trace: { type, emitted_at: this.#options.clock.now(), ...payload } });
  }

  /** Message and line end in a single write, so that nothing can come between them. */
  #send(message: JsonObject): Promise<void> {
    return this.#options.write(`${this.#redactor.line(JSON.stringify(message))}\n`);
  }
}
