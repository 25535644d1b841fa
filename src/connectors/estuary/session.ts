// A session: all bindings of a task read side by side, each at its own pace, until the operator, the platform or the
// configuration ends it. The end of the input does not: nothing here waits for an acknowledgement.
import { setMaxListeners } from 'node:events';
import { type Clock, Interrupted, type JsonObject, type Log } from '../../base/index.ts';
import type { RequestOptions } from '../../client/index.ts';
import { type ReadContext, ServerTime, streams } from '../../streams/index.ts';
import { BindingReader, type Turn } from './binding-reader.ts';
import type { EndpointConfig } from './configuration.ts';
import type { OpenedAircall } from '../airbyte/run.ts';
import type { Connect } from './connect.ts';
import { sourcedSchema } from './document-schema.ts';
import { TaskRefused } from './errors.ts';
import { FirstAnswer } from './first-answer.ts';
import type { Outlet } from './outlet.ts';
import { type OpenRequest, wholeKeySpace } from './requests.ts';
import { sourcedSchemaLine } from './responses.ts';
import { type BindingState, formatBindingState, parseBindingState, patchOfBindings } from './state.ts';
import { Status } from './status.ts';
import { checkTask, type TaskBinding } from './task.ts';
import { Unit } from './unit.ts';

export type SessionOptions = {
  readonly connect: Connect;
  readonly outlet: Outlet;
  readonly log: Log;
  readonly clock: Clock;
  /** Ends the session at once, in good order. */
  readonly stop: AbortSignal;
};

type Binding = TaskBinding & {
  /** Its number in this session. */
  readonly index: number;
  readonly stateKey: string;
  /** Null: never begun. */
  readonly state: BindingState | null;
};

/** Waits shorter than this are not worth a line. */
const tellWaitsOfMs = 10_000;

export class Session {
  readonly #options: SessionOptions;
  readonly #endpoint: EndpointConfig;
  readonly #bindings: readonly Binding[];
  readonly #connection: OpenedAircall;
  readonly #serverTime: ServerTime;
  readonly #stop = new AbortController();
  readonly #finish = new AbortController();
  readonly #firstAnswer = new FirstAnswer();
  #waitToldUntilMs = 0;

  /** Checks everything that can be checked without asking Aircall. Throws `TaskRefused`, `StateBroken` or `UsageError`. */
  static async prepare(request: OpenRequest, options: SessionOptions): Promise<Session> {
    const { endpoint, bindings, problems } = checkTask(request, options.clock.now());
    const { keyBegin, keyEnd } = request.range;
    const isWhole = keyBegin === wholeKeySpace.keyBegin && keyEnd === wholeKeySpace.keyEnd;
    const all = [
      ...problems,
      ...(isWhole ? [] : ['it is split into several shards, and one alone reads everything']),
      ...(request.bindings.every(({ stateKey }) => stateKey !== '') ? [] : ['a binding comes without its state key']),
    ];
    if (endpoint === null || all.length > 0) throw new TaskRefused('The task', all);
    const opened = bindings.map((binding, index) => {
      const { stateKey } = request.bindings[index]!;
      return { ...binding, index, stateKey, state: parseBindingState(request.state, stateKey, binding.stream.name) };
    });
    const connection = await options.connect(endpoint, options.log);
    if (connection.notice !== null) options.log.warn(connection.notice);
    return new Session(options, endpoint, opened, connection);
  }

  private constructor(options: SessionOptions, endpoint: EndpointConfig, bindings: readonly Binding[], connection: OpenedAircall) {
    this.#options = options;
    this.#endpoint = endpoint;
    this.#bindings = bindings;
    this.#connection = connection;
    this.#serverTime = new ServerTime(options.clock);
    // Every binding listens, and every request on its way.
    setMaxListeners(0, this.#stop.signal, this.#finish.signal);
  }

  /** Resolves when it ended in good order. Rejects with what no waiting will mend. */
  async run(): Promise<void> {
    const { stop, clock } = this.#options;
    const onStop = () => {
      this.#stop.abort(stop.reason);
      this.#finish.abort(stop.reason);
    };
    stop.addEventListener('abort', onStop, { once: true });
    if (stop.aborted) onStop();
    void clock.sleep(this.#endpoint.restartAfterMs, this.#finish.signal).then(
      () => this.#finish.abort('it is time to be started afresh'),
      () => {}, // It ended before.
    );
    try {
      const states = await this.#begin();
      await this.#readAll(states);
    } catch (error) {
      if (!(error instanceof Interrupted) || !stop.aborted) throw error;
    } finally {
      stop.removeEventListener('abort', onStop);
      this.#stop.abort('the session has ended');
      this.#finish.abort('the session has ended');
      await this.#connection.close();
    }
  }

  /** Says which fields there can be, and marks new bindings as begun before anything is read for them. */
  async #begin(): Promise<readonly BindingState[]> {
    const { outlet, clock } = this.#options;
    const unit = new Unit();
    const patches: [string, JsonObject][] = [];
    const states = this.#bindings.map(({ index, stateKey, stream, state }) => {
      unit.schema(sourcedSchemaLine(index, sourcedSchema(stream.shape)));
      if (state !== null) return state;
      const begun: BindingState = { stream: null, backfill: { cutoff: Math.floor(clock.now() / 1000) }, keys: null };
      patches.push([stateKey, formatBindingState(begun)]);
      return begun;
    });
    if (!unit.isEmpty) await outlet.unit(unit.close(patchOfBindings(patches)));
    return states;
  }

  async #readAll(states: readonly BindingState[]): Promise<void> {
    const { log, clock, outlet } = this.#options;
    const backfilling = this.#bindings.filter((_, index) => states[index]!.backfill !== null).map(({ stream }) => stream.name);
    const status = new Status({ log, clock }, { resources: this.#bindings.length, backfilling });
    status.tell();
    const reader = ({ index, stateKey, stream, intervalMs }: Binding) =>
      new BindingReader({
        index,
        stateKey,
        stream,
        state: states[index]!,
        intervalMs,
        startAt: this.#endpoint.startAt,
        confirmDeletions: this.#endpoint.confirmDeletions,
        once: this.#endpoint.runOnce,
        contextOf: (turn) => this.#contextOf(turn),
        now: () => this.#serverTime.now(),
        outlet,
        clock,
        log,
        stop: this.#stop.signal,
        finish: this.#finish.signal,
        onRound: () => this.#firstAnswer.came(),
        onBackfilled: () => status.backfilled(stream.name),
        onTrouble: (reason) => status.trouble(stream.name, reason),
      });
    const loops = inReadingOrder(this.#bindings).map(async (binding, position) => {
      if (position > 0) await this.#firstAnswer.wait(this.#finish.signal);
      await reader(binding).run();
    });
    // Without a binding there is nothing to do but to be there.
    if (loops.length === 0 && !this.#endpoint.runOnce) loops.push(aborted(this.#finish.signal));
    try {
      await Promise.all(loops);
    } catch (error) {
      this.#stop.abort(error);
      this.#finish.abort(error);
      await Promise.allSettled(loops);
      throw error;
    }
  }

  #contextOf({ priority, ...turn }: Turn): ReadContext {
    const { clock, log } = this.#options;
    const { callExtras, reread } = this.#endpoint;
    const request: RequestOptions = {
      signal: this.#stop.signal,
      priority,
      onAnswer: ({ serverTimeMs }) => {
        this.#serverTime.observe(serverTimeMs);
        this.#firstAnswer.came();
      },
      onWait: ({ delayMs, reason }) => this.#tellWait(delayMs, reason),
    };
    return {
      ...turn,
      aircall: this.#connection.aircall,
      request,
      full: false,
      range: null,
      // Whoever enables a resource that costs a request for each call has been told its price.
      confirmed: true,
      confirm: () => Promise.resolve(true),
      requestsPerMinute: this.#connection.requestsPerMinute,
      reread,
      serverTime: this.#serverTime,
      callExtras,
      clock,
      log,
    };
  }

  #tellWait(delayMs: number, reason: string): void {
    const { clock, log } = this.#options;
    const nowMs = clock.monotonic();
    if (delayMs < tellWaitsOfMs || nowMs < this.#waitToldUntilMs) return;
    this.#waitToldUntilMs = nowMs + delayMs;
    log.info('Waiting for the request budget', { reason, seconds: Math.round(delayMs / 1000) });
  }
}

/** Short lists first, as everywhere. */
function inReadingOrder(bindings: readonly Binding[]): readonly Binding[] {
  const place = ({ stream }: Binding) => streams.findIndex(({ name }) => name === stream.name);
  return bindings.toSorted((a, b) => place(a) - place(b));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
