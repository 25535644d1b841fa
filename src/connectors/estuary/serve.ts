// The connector as the runtime meets it: requests come in, one a line, and are answered in their order. `open` begins a
// session, which goes on while further lines are read.
import { setMaxListeners } from 'node:events';
import { type Clock, isTrunklineError, type Log, messageOf, silentLog, systemClock } from '../../base/index.ts';
import { createRedactor, noRedaction, type Redactor } from '../airbyte/redact.ts';
import { apply, discover, spec, validate } from './answers.ts';
import { secretsOf } from './configuration.ts';
import type { Connect } from './connect.ts';
import { ProtocolBroken } from './errors.ts';
import { Outlet } from './outlet.ts';
import { redactedLog } from './redacted-log.ts';
import { readLines } from './request-lines.ts';
import { parseRequest, type Request } from './requests.ts';
import { type Response, responseLine } from './responses.ts';
import { Session } from './session.ts';

export type EstuaryOptions = {
  /** What the runtime says it speaks, where it says so: `FLOW_RUNTIME_CODEC`. */
  readonly codec?: string | undefined;
  /** The requests, as bytes in pieces of any size. */
  readonly input: AsyncIterable<Uint8Array | string>;
  /** Takes whole lines; resolves when they were taken. */
  readonly write: (text: string) => Promise<void>;
  readonly connect: Connect;
  /** Lines of JSON, as the runtime shows them. */
  readonly log?: Log;
  readonly clock: Clock;
  /** Ends everything within seconds, in good order. */
  readonly signal: AbortSignal;
};

/**
 * Serves one runtime until its input ends, its session ends, or the signal aborts. Rejects when the task failed; the reason
 * is the last thing that was logged.
 */
export async function serveEstuary(options: EstuaryOptions): Promise<void> {
  const server = new Server(options);
  try {
    await server.run();
  } catch (error) {
    server.tellWhy(error);
    throw error;
  }
}

/** A runtime that reads nothing is not waited for longer than this when everything is to end. */
const patienceMs = 3000;

class Server {
  readonly #options: EstuaryOptions;
  readonly #outlet: Outlet;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #redactor: Redactor = noRedaction;
  #secrets: readonly string[] = [];
  #session: { readonly acknowledge: (checkpoints: number) => void; readonly ended: Promise<void> } | null = null;

  constructor(options: EstuaryOptions) {
    this.#options = options;
    // Every request that is on its way listens, and what is printed about many listeners is no line of our log.
    setMaxListeners(0, options.signal, this.#stop.signal);
    this.#log = redactedLog(options.log ?? silentLog, () => this.#redactor);
    this.#outlet = new Outlet((text) => options.write(this.#withoutSecrets(text)));
  }

  async run(): Promise<void> {
    const { signal, codec } = this.#options;
    if (codec !== undefined && codec !== '' && codec.toLowerCase() !== 'json') {
      throw new ProtocolBroken({
        message: `The runtime wants to speak ${codec}, and this connector speaks JSON.`,
        hint: 'Set the label FLOW_RUNTIME_CODEC of the image to json; of a local endpoint, set protobuf to false.',
      });
    }
    let onAbort = () => {};
    const aborted = new Promise<void>((resolve) => {
      onAbort = () => {
        this.#stop.abort(signal.reason);
        resolve();
      };
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const sessionEnded = new Promise<void>((resolve, reject) => {
      this.#onSession = (ended) => void ended.then(resolve, reject);
    });
    try {
      // The end of the input ends nothing once a session has begun.
      const inputEnded = this.#answerAll().then(() => (this.#session === null ? undefined : sessionEnded));
      await Promise.race([inputEnded, sessionEnded, aborted]);
    } catch (error) {
      await this.#settle().catch(() => {}); // What ended it says more than that the reader is slow.
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    await this.#settle();
  }

  /** One line, in words for a person: the platform shows the last line of a task that failed. */
  tellWhy(error: unknown): void {
    if (isTrunklineError(error)) {
      const { message, hint, code } = error;
      this.#log.error(hint === undefined ? message : `${message} ${hint}`, { code });
      return;
    }
    this.#log.error('Something inside the connector went wrong. What was committed before it is safe.', {
      code: 'internal',
      reason: messageOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  }

  #onSession: (ended: Promise<void>) => void = () => {};

  async #answerAll(): Promise<void> {
    for await (const line of readLines(this.#options.input)) {
      if (this.#stop.signal.aborted) return;
      await this.#take(parseRequest(line));
    }
  }

  async #take(request: Request): Promise<void> {
    if (this.#session !== null && request.kind !== 'acknowledge') {
      throw new ProtocolBroken({ message: `The runtime sends ${request.kind} while a session is open.` });
    }
    if ('config' in request) this.#redactWith(request.config);
    const { connect, clock } = this.#options;
    const answering = { connect, clock, log: this.#log, signal: this.#stop.signal };
    switch (request.kind) {
      case 'spec':
        return this.#answer(spec());
      case 'discover':
        return this.#answer(await discover(request.config, answering));
      case 'validate':
        return this.#answer(await validate(request, answering));
      case 'apply':
        return this.#answer(apply());
      case 'open': {
        const session = await Session.prepare(request, { connect, clock, log: this.#log, outlet: this.#outlet, stop: this.#stop.signal });
        await this.#answer({ opened: { explicitAcknowledgements: false } });
        const ended = session.run();
        this.#session = { acknowledge: (checkpoints) => this.#outlet.acknowledge(checkpoints), ended };
        this.#onSession(ended);
        return undefined;
      }
      case 'acknowledge':
        if (this.#session === null) throw new ProtocolBroken({ message: 'The runtime acknowledges checkpoints before a session is open.' });
        return this.#session.acknowledge(request.checkpoints);
    }
  }

  #answer(response: Response): Promise<void> {
    return this.#outlet.answer(responseLine(response));
  }

  #redactWith(config: unknown): void {
    const { secrets, pairs } = secretsOf(config);
    this.#redactor = createRedactor(secrets, pairs);
    this.#secrets = [...secrets, ...pairs.map((pair) => Buffer.from(pair.join(':')).toString('base64'))];
  }

  /** Somebody may have written the credential into a comment: as it is, or as the header in which it travels. */
  #withoutSecrets(text: string): string {
    return this.#secrets.some((secret) => text.includes(secret)) ? this.#redactor.line(text) : text;
  }

  /** Lets what has begun come to its end: a unit that is being written above all. */
  async #settle(): Promise<void> {
    this.#stop.abort('the end');
    const patience = new AbortController();
    const settled = Promise.allSettled([this.#outlet.close(), this.#session?.ended]).then(() => true);
    // The reader of a pipe lives in the time of the world, whatever clock we were given.
    const tired = systemClock.sleep(patienceMs, patience.signal).then(
      () => false,
      () => true,
    );
    const isSettled = await Promise.race([settled, tired]);
    patience.abort();
    if (isSettled) return;
    throw new ProtocolBroken({
      message: 'The runtime takes nothing of what is written, so that the last of it is cut off. What was committed is safe.',
    });
  }
}
