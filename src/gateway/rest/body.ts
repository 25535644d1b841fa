// Takes in the body of a request: how much, for how long, and of which kind.
import type { IncomingMessage } from 'node:http';
import { isObject } from '../../base/index.ts';
import type { Clock, UnknownRecord } from '../../base/index.ts';
import { readStrictJson } from './strict-json.ts';

export type Body =
  | { readonly body: UnknownRecord | null }
  /** `unread`: the rest of it is still on the line, which must be closed. */
  | { readonly problem: string; readonly unread: boolean; readonly kind: BodyProblem };

/** What surfaces tell apart by status: 400, 408, 413, 415. */
export type BodyProblem = 'unreadable' | 'late' | 'too_large' | 'wrong_type';

export type BodyLimits = { readonly maximumBytes: number; readonly timeoutMs: number; readonly clock: Clock };

/** Resolves once the body is complete, or no more of it is wanted. Never rejects. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Body> {
  const { method, headers } = request;
  const length = headers['content-length'];
  const hasBody = headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  if (!hasBody) return { body: null };
  const refuse = (problem: string, kind: BodyProblem): Body => ({ problem, unread: true, kind });
  if (method === 'GET' || method === 'HEAD') return refuse('A request that only reads has no body.', 'unreadable');
  if (!isJson(headers['content-type'])) return refuse('The body must be JSON, with the content type application/json.', 'wrong_type');
  const tooLarge = `The body must not be larger than ${limits.maximumBytes} bytes.`;
  if (length !== undefined && Number(length) > limits.maximumBytes) return refuse(tooLarge, 'too_large');

  const taken = await takeIn(request, limits);
  if (typeof taken === 'string') {
    return taken === 'too large' ? refuse(tooLarge, 'too_large') : refuse('The body did not come in time, or was cut off.', 'late');
  }
  const text = decodeUtf8(taken);
  if (text === null) return { problem: 'The body is not UTF-8.', unread: false, kind: 'unreadable' };
  if (text === '') return { body: null };
  const read = readStrictJson(text);
  if ('problem' in read) return { problem: read.problem, unread: false, kind: 'unreadable' };
  return isObject(read.value) ? { body: read.value } : { problem: 'The body must be an object.', unread: false, kind: 'unreadable' };
}

function isJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/json(?:; ?charset=utf-8)?$/i.test(contentType);
}

async function takeIn(request: IncomingMessage, { maximumBytes, timeoutMs, clock }: BodyLimits): Promise<Buffer | 'too large' | 'cut off'> {
  const over = new AbortController();
  const late = clock.sleep(timeoutMs, over.signal).then(
    () => 'cut off' as const,
    () => 'cut off' as const, // The body is complete; nobody looks at this.
  );
  const whole = new Promise<Buffer | 'too large' | 'cut off'>((resolve) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > maximumBytes) resolve('too large');
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => resolve('cut off'));
    request.once('close', () => resolve('cut off'));
  });
  const taken = await Promise.race([whole, late]);
  over.abort();
  request.pause();
  return taken;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
