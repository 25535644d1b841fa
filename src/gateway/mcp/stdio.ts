// MCP over stdin and stdout, for clients that start a program. It is a line to the process that serves: each message goes there
// as one request over HTTP with the agent's key, and what comes back is written as it came. So a client on this machine is
// decided, recorded and counted by the same process as everybody else, and there is never a second one beside it.
import type { Readable } from 'node:stream';
import { isObject } from '../../base/index.ts';
import type { Clock, Log, UnknownRecord } from '../../base/index.ts';

export type StdioOptions = {
  readonly input: Readable;
  /** Takes whole messages, each with its line end. */
  readonly write: (text: string) => Promise<void>;
  /** Where the gateway is reached now, such as `http://127.0.0.1:4242`. Asked again after a connection was refused. */
  readonly target: () => Promise<string>;
  /** The value of the header that shows the key. */
  readonly authorization: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/** A message so long is none. The server's own limit lies below. */
const longestLine = 1024 * 1024;
/** For how long answers are awaited that were asked for before the client closed its end: a turn may take 8 s, Aircall 30 s. */
const lastAnswersMs = 45_000;
/** For how long a client that takes nothing of what is written to it is waited for once it has closed its end. */
const unreadMs = 10_000;
/** The same where nothing is waited for any more. */
const lastWordsMs = 1000;
const versionKey = 'io.modelcontextprotocol/protocolVersion';

/**
 * Resolves when the client has closed its end and has what it asked for, when it does not get that any more, or soon after the
 * signal. False: something it asked for was given up, or it does not read its answers; the log has said so. Never rejects.
 */
export async function serveStdio(options: StdioOptions): Promise<boolean> {
  const { input, signal } = options;
  const line = new Line(options);
  const ended = new Promise<void>((resolve) => {
    input.once('end', () => {
      if (!signal.aborted) line.takeRest();
      resolve();
    });
    input.once('close', resolve);
    input.once('error', () => resolve());
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  input.setEncoding('utf8');
  input.on('data', (chunk: string) => line.take(chunk));
  await ended;
  input.pause();
  const isDone = await line.finish();
  await line.close();
  return isDone;
}

type Id = string | number;

/** A message on its way to the gateway and back. Nothing keeps a client from giving two of them the same id. */
type Running = {
  /** Neither has one: a notice, which nobody waits for an answer to, and what cannot be read. */
  readonly id: Id | null;
  readonly isNotice: boolean;
  readonly isHandshake: boolean;
  /** It has no end of its own. */
  readonly isListening: boolean;
  readonly gone: AbortController;
};

class Line {
  readonly #options: StdioOptions;
  readonly #running = new Map<Running, Promise<void>>();
  #rest = '';
  #tooLong = false;
  /** What a client of 2025 has agreed on in its handshake. */
  #agreed: string | null = null;
  #url: Promise<string> | null = null;
  /** One message after the other on the way out. */
  #writing: Promise<void> = Promise.resolve();
  #written = 0;

  constructor(options: StdioOptions) {
    this.#options = options;
  }

  take(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const text of lines) {
      if (this.#tooLong) {
        this.#tooLong = false;
        continue;
      }
      if (text.trim() !== '') this.#send(text);
    }
    if (this.#rest.length <= longestLine) return;
    this.#rest = '';
    if (!this.#tooLong) this.#write({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'The message is too long.' } });
    this.#tooLong = true;
  }

  /** The last message needs no line end: `printf '%s' '{…}'` writes none. */
  takeRest(): void {
    this.take('\n');
  }

  /**
   * Waits for answers that were asked for, as of a script that writes all it asks and ends, and until they are read. What does
   * not come is answered here. False: not everything was answered and read.
   */
  async finish(): Promise<boolean> {
    const { signal, log } = this.#options;
    for (const { isListening, gone } of this.#running.keys()) if (isListening) gone.abort();
    await this.#within(lastAnswersMs, Promise.allSettled(this.#running.values()));
    if (signal.aborted) return true;
    const late = [...this.#running.keys()].filter(({ gone }) => !gone.signal.aborted);
    if (late.length > 0) log.error('the gateway did not answer in time, and the client has closed its end', { requests: late.length });
    for (const { id, gone } of late) {
      gone.abort();
      if (id !== null) this.#write(noAnswer(id));
    }
    const isRead = await this.#isRead();
    if (!isRead && !signal.aborted) log.error('the client does not read what it is answered');
    return signal.aborted || (late.length === 0 && isRead);
  }

  /** What is under way is given up here; the server finishes and records it. */
  async close(): Promise<void> {
    for (const { gone } of this.#running.keys()) gone.abort();
    const over = new AbortController();
    const patience = this.#options.clock.sleep(lastWordsMs, over.signal).catch(() => {});
    await Promise.race([patience, Promise.allSettled(this.#running.values()).then(() => this.#writing)]);
    over.abort();
  }

  /** Whether it came in time; false, too, when the signal came first. */
  async #within(patienceMs: number, work: Promise<unknown>): Promise<boolean> {
    const { clock, signal } = this.#options;
    const over = new AbortController();
    const patience = clock.sleep(patienceMs, AbortSignal.any([over.signal, signal])).catch(() => {});
    const isDone = await Promise.race([work.then(() => true), patience.then(() => false)]);
    over.abort();
    return isDone;
  }

  /** Whether the client takes all that is written to it; slowly, if need be. */
  async #isRead(): Promise<boolean> {
    for (;;) {
      const before = this.#written;
      if (await this.#within(unreadMs, this.#writing)) return true;
      if (this.#written === before || this.#options.signal.aborted) return false;
    }
  }

  #send(text: string): void {
    const message = parsed(text);
    if (message?.['method'] === 'notifications/cancelled') {
      const cancelled = isObject(message['params']) ? message['params']['requestId'] : undefined;
      for (const { id, gone } of this.#running.keys()) if (id !== null && id === cancelled) gone.abort();
      return;
    }
    const id = idOf(message);
    const running: Running = {
      id,
      isNotice: message !== null && id === null,
      isHandshake: message?.['method'] === 'initialize',
      isListening: message?.['method'] === 'subscriptions/listen',
      gone: new AbortController(),
    };
    this.#running.set(
      running,
      this.#forward(text, message, running).finally(() => this.#running.delete(running)),
    );
  }

  async #forward(text: string, message: UnknownRecord | null, asked: Running): Promise<void> {
    const { id, gone } = asked;
    try {
      await this.#receive(await this.#post(text, message, gone.signal), asked);
    } catch (error) {
      if (gone.signal.aborted) return;
      this.#options.log.error('the gateway was not reached', { error: error instanceof Error ? error.name : typeof error });
      if (id !== null) this.#write(noAnswer(id));
    }
  }

  async #post(text: string, message: UnknownRecord | null, signal: AbortSignal): Promise<Response> {
    const { fetch, authorization, target } = this.#options;
    const headers = {
      authorization,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...protocolHeaders(message, this.#agreed),
    };
    const post = async () =>
      fetch(`${await (this.#url ??= target())}/mcp`, { method: 'POST', headers, body: text, signal, redirect: 'error' });
    try {
      return await post();
    } catch (error) {
      this.#url = null;
      // Nobody was there, so that nothing was sent: whoever serves now is asked instead.
      if (!isRefused(error) || signal.aborted) throw error;
      return await post();
    }
  }

  async #receive(response: Response, asked: Running): Promise<void> {
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('text/event-stream') && response.body !== null) {
      for await (const data of events(response.body)) this.#deliver(data, asked);
      return;
    }
    const text = await response.text();
    if (text !== '' && type.startsWith('application/json')) this.#deliver(text, asked);
    else if (asked.id !== null) throw new TypeError('an answer that is no message');
  }

  #deliver(text: string, { id, isNotice, isHandshake, gone }: Running): void {
    if (gone.signal.aborted) return;
    const message = parsed(text);
    if (message === null) throw new TypeError('an answer that is no message');
    if (isHandshake && isObject(message['result']) && typeof message['result']['protocolVersion'] === 'string') {
      this.#agreed = message['result']['protocolVersion'];
    }
    const isError = message['error'] !== undefined && message['id'] == null;
    if (isError && isNotice) {
      this.#options.log.warn('the gateway refused a notice of the client');
      return;
    }
    // A refusal on the line names no request; here there is no other way to tell which it was.
    this.#write(isError ? { ...message, id } : message);
  }

  #write(message: object): void {
    const text = `${JSON.stringify(message)}\n`;
    this.#writing = this.#writing
      .then(() => this.#options.write(text))
      .catch(() => {})
      .then(() => void (this.#written += 1));
  }
}

/** For a request whose end nobody here knows. */
function noAnswer(id: Id): object {
  const message = 'The gateway did not answer. What was asked may have happened: look before asking again.';
  return { jsonrpc: '2.0', id, error: { code: -32603, message } };
}

/** What stands in headers beside the body, over HTTP. */
function protocolHeaders(message: UnknownRecord | null, agreed: string | null): Readonly<Record<string, string>> {
  const params = isObject(message?.['params']) ? message['params'] : {};
  const meta = isObject(params['_meta']) ? params['_meta'] : {};
  const version = meta[versionKey];
  if (typeof version !== 'string') return agreed === null ? {} : { 'mcp-protocol-version': agreed };
  const method = message?.['method'];
  const name = params['name'] ?? params['uri'];
  return {
    'mcp-protocol-version': headerValue(version),
    ...(typeof method === 'string' ? { 'mcp-method': headerValue(method) } : {}),
    ...(typeof name === 'string' ? { 'mcp-name': headerValue(name) } : {}),
  };
}

/** Outside plain ASCII, as the protocol writes it. */
function headerValue(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

/** The data of server-sent events, as they come. html.spec.whatwg.org/multipage/server-sent-events.html */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const data = part.split('\n').flatMap((each) => (each.startsWith('data:') ? [each.slice(5).trimStart()] : []));
      if (data.length > 0 && data.join('') !== '') yield data.join('\n');
    }
  }
}

function parsed(text: string): UnknownRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function idOf(message: UnknownRecord | null): Id | null {
  const id = message?.['id'];
  return isId(id) ? id : null;
}

function isId(id: unknown): id is Id {
  return typeof id === 'string' || typeof id === 'number';
}

function isRefused(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
