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
/** For how long answers are awaited that were asked for before the client closed its end. */
const lastAnswersMs = 10_000;
const versionKey = 'io.modelcontextprotocol/protocolVersion';

/** Resolves when the client has closed its end and has what it asked for, or when the signal came. Never rejects. */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const { input, signal } = options;
  const line = new Line(options);
  const ended = new Promise<void>((resolve) => {
    input.once('end', resolve);
    input.once('close', resolve);
    input.once('error', () => resolve());
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  input.setEncoding('utf8');
  input.on('data', (chunk: string) => line.take(chunk));
  await ended;
  input.pause();
  await line.finish();
  await line.close();
}

type Id = string | number;

/** Neither has an id: a notice, which nobody waits for an answer to, and what cannot be read. */
type Asked = { readonly id: Id | null; readonly isNotice: boolean; readonly isHandshake: boolean };

class Line {
  readonly #options: StdioOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #byId = new Map<Id, AbortController>();
  /** Requests that have no end of their own. */
  readonly #listening = new Set<AbortController>();
  #rest = '';
  #tooLong = false;
  /** What a client of 2025 has agreed on in its handshake. */
  #agreed: string | null = null;
  #url: Promise<string> | null = null;
  /** One message after the other on the way out. */
  #writing: Promise<void> = Promise.resolve();

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

  /** Waits for answers that were asked for, as of a script that writes all it asks and ends. */
  async finish(): Promise<void> {
    const { clock, signal } = this.#options;
    for (const request of this.#listening) request.abort();
    const over = new AbortController();
    const stop = () => over.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const patience = clock.sleep(lastAnswersMs, over.signal).catch(() => {});
    await Promise.race([patience, Promise.allSettled(this.#running)]);
    stop();
    signal.removeEventListener('abort', stop);
  }

  /** What is under way is given up here; the server finishes and records it. */
  async close(): Promise<void> {
    for (const request of this.#byId.values()) request.abort();
    await Promise.allSettled(this.#running);
    await this.#writing;
  }

  #send(text: string): void {
    const running = this.#forward(text);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  async #forward(text: string): Promise<void> {
    const message = parsed(text);
    const id = idOf(message);
    if (message?.['method'] === 'notifications/cancelled') {
      const cancelled = isObject(message['params']) ? message['params']['requestId'] : undefined;
      if (isId(cancelled)) this.#byId.get(cancelled)?.abort();
      return;
    }
    const gone = new AbortController();
    if (id !== null) this.#byId.set(id, gone);
    if (message?.['method'] === 'subscriptions/listen') this.#listening.add(gone);
    try {
      await this.#receive(await this.#post(text, message, gone.signal), {
        id,
        isNotice: message !== null && id === null,
        isHandshake: message?.['method'] === 'initialize',
      });
    } catch (error) {
      if (gone.signal.aborted) return;
      this.#options.log.error('the gateway was not reached', { error: error instanceof Error ? error.name : typeof error });
      if (id === null) return;
      const failure = 'The gateway did not answer. What was asked may have happened: look before asking again.';
      this.#write({ jsonrpc: '2.0', id, error: { code: -32603, message: failure } });
    } finally {
      this.#listening.delete(gone);
      if (id !== null && this.#byId.get(id) === gone) this.#byId.delete(id);
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

  async #receive(response: Response, asked: Asked): Promise<void> {
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('text/event-stream') && response.body !== null) {
      for await (const data of events(response.body)) this.#deliver(data, asked);
      return;
    }
    const text = await response.text();
    if (text !== '' && type.startsWith('application/json')) this.#deliver(text, asked);
    else if (asked.id !== null) throw new TypeError('an answer that is no message');
  }

  #deliver(text: string, { id, isNotice, isHandshake }: Asked): void {
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
    this.#writing = this.#writing.then(() => this.#options.write(text)).catch(() => {});
  }
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
