// What one stream says, in the only order the protocol allows, whatever happens while it is read:
//
//   STARTED ─► RUNNING+ ─► (RECORD* STATE)+ ─► COMPLETE
//                                          └► ERROR ─► INCOMPLETE
//
// Every state counts the records since the one before it, and no two states are equal.
import type { Clock, JsonObject } from '../../base/index.ts';
import type { RememberedKeys } from '../remembered-keys.ts';
import type { Failure, Messages, StreamDescriptor } from './messages.ts';
import { formatState, type StreamState } from './stream-state.ts';

export type StreamOutputOptions = {
  readonly messages: Messages;
  readonly descriptor: StreamDescriptor;
  readonly clock: Clock;
  /** The state that came in. */
  readonly resumed: StreamState;
  /** Of a stream that is swept for deletions: what it has delivered. */
  readonly remembered: RememberedKeys | null;
};

/** Waits shorter than this are not worth telling, and one told is not told again sooner than this. */
const tellWaitsOfMs = 10_000;

export class StreamOutput {
  readonly #messages: Messages;
  readonly #descriptor: StreamDescriptor;
  readonly #clock: Clock;
  readonly #remembered: RememberedKeys | null;
  #state: StreamState;
  #isRunning = false;
  #isEnded = false;
  #records = 0;
  #recordsSinceState = 0;
  #rejectedSinceState = 0;
  #states = 0;
  #isCovered = false;
  #toldWaitUntilMs = 0;
  #lastSignMs: number;

  constructor({ messages, descriptor, clock, resumed, remembered }: StreamOutputOptions) {
    this.#remembered = remembered;
    this.#messages = messages;
    this.#descriptor = descriptor;
    this.#clock = clock;
    this.#state = resumed;
    this.#lastSignMs = clock.monotonic();
  }

  get records(): number {
    return this.#records;
  }

  get states(): number {
    return this.#states;
  }

  /** How long ago, in milliseconds, the last record or state was written. */
  get silentForMs(): number {
    return this.#clock.monotonic() - this.#lastSignMs;
  }

  started(): Promise<void> {
    return this.#messages.status(this.#descriptor, 'STARTED');
  }

  async running(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    await this.#messages.status(this.#descriptor, 'RUNNING');
  }

  /** Nothing moves for so long because the requests of the minute are used up. */
  waiting(delayMs: number): void {
    const nowMs = this.#clock.now();
    if (this.#isEnded || delayMs < tellWaitsOfMs || nowMs < this.#toldWaitUntilMs) return;
    this.#toldWaitUntilMs = nowMs + Math.max(delayMs, tellWaitsOfMs);
    this.#isRunning = true;
    void this.#messages.status(this.#descriptor, 'RUNNING', nowMs + delayMs);
  }

  expect(rows: number): Promise<void> {
    return this.#messages.estimate(this.#descriptor, this.#records + rows);
  }

  /** Texts of records' data, all seen at once. */
  async write(data: readonly string[], observedAt: string): Promise<void> {
    if (data.length === 0) return;
    await this.running();
    const { name, namespace } = this.#descriptor;
    const opening = `{"type":"RECORD","record":{"stream":${JSON.stringify(name)},${namespace === undefined ? '' : `"namespace":${JSON.stringify(namespace)},`}"data":`;
    const closing = `,"emitted_at":${this.#messages.emittedAt()}`;
    let lines = '';
    for (const one of data) lines += `${opening}${one}${closing}}}\n`;
    this.#records += data.length;
    this.#recordsSinceState += data.length;
    this.#state = { ...this.#state, observedAt };
    this.#isCovered = false;
    this.#lastSignMs = this.#clock.monotonic();
    await this.#messages.records(lines);
  }

  /** A record that could not be written at all. */
  reject(): void {
    this.#rejectedSinceState += 1;
    this.#isCovered = false;
  }

  /** Everything written so far is covered by this. */
  async checkpoint(inner: JsonObject): Promise<void> {
    this.#state = { ...this.#state, inner };
    await this.#writeState();
  }

  /** A sign of life: the last state once more, under a new number. What came after it is read again after a failure. */
  async beat(): Promise<void> {
    await this.#writeState();
  }

  async complete(): Promise<void> {
    await this.#end();
    await this.#messages.status(this.#descriptor, 'COMPLETE');
  }

  async incomplete(failures: readonly Failure[], { keepState = true }: { readonly keepState?: boolean } = {}): Promise<void> {
    await this.#end({ keepState });
    for (const failure of failures) await this.#messages.error(failure, this.#descriptor);
    await this.#messages.status(this.#descriptor, 'INCOMPLETE');
  }

  /** The last state covers all that is safe. A stream that said nothing says so once. */
  async #end({ keepState = true } = {}): Promise<void> {
    await this.running();
    if (keepState && !this.#isCovered) await this.#writeState();
    this.#isEnded = true;
  }

  async #writeState(): Promise<void> {
    await this.running();
    const counts = { records: this.#recordsSinceState, rejected: this.#rejectedSinceState };
    this.#state = { ...this.#state, sequence: this.#state.sequence + 1, keys: this.#remembered?.format() ?? null };
    this.#recordsSinceState = 0;
    this.#rejectedSinceState = 0;
    this.#states += 1;
    this.#isCovered = true;
    this.#lastSignMs = this.#clock.monotonic();
    await this.#messages.state(this.#descriptor, formatState(this.#state), counts);
  }
}
