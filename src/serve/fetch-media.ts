// Fetches a file from a host that was allowed by name, only when that name leads to the open internet, and from the very address that
// was looked at. No redirects: another address would be another decision.
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { TrunklineError } from '../base/index.ts';
import type { FetchMedia, MediaFile } from '../gateway/index.ts';
import { isPublicAddress } from './public-address.ts';

export type FetchMediaOptions = {
  /** All addresses of a name. */
  readonly lookup?: (host: string, options: LookupOptions & { all: true }, done: LookupDone) => void;
  readonly isAllowedAddress?: (address: string) => boolean;
  readonly request?: (options: RequestOptions, answer: (response: IncomingMessage) => void) => ClientRequest;
  readonly maximumBytes?: number;
  /** From the beginning to the last byte. */
  readonly timeoutMs?: number;
};

type LookupDone = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** A file that was not fetched, without its address: that is a credential. */
class MediaUnavailable extends TrunklineError {
  constructor(why: string, options?: { cause?: unknown }) {
    super({ code: 'media_unavailable', message: `The file was not fetched: ${why}.` }, options);
  }
}

export function createFetchMedia(options: FetchMediaOptions = {}): FetchMedia {
  const {
    lookup = systemLookup,
    isAllowedAddress = isPublicAddress,
    request = httpsRequest,
    maximumBytes = 512 * 1024 * 1024,
    timeoutMs = 300_000,
  } = options;

  /** Used by the connection itself, so that what was looked at is what is connected to. One bad address condemns the name. */
  const checkedLookup: NonNullable<RequestOptions['lookup']> = (host, wanted, done) => {
    lookup(host, { ...wanted, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) done(error, '', 0);
      else if (first === undefined || !addresses.every(({ address }) => isAllowedAddress(address)))
        done(new MediaUnavailable('its host is not on the open internet'), '', 0);
      else if (wanted.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };

  return async (address, signal) => {
    const { protocol, hostname, port, pathname, search } = new URL(address);
    if (protocol !== 'https:' || port !== '') throw new MediaUnavailable('its address is not one of https');
    const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(
        {
          protocol,
          hostname,
          path: pathname + search,
          method: 'GET',
          // A connection of its own: one that is kept could lead to an address looked at long ago.
          agent: false,
          lookup: checkedLookup,
          headers: { accept: 'audio/*, application/octet-stream;q=0.5', 'accept-encoding': 'identity' },
          signal: ends,
          maxHeaderSize: 16 * 1024,
        },
        resolve,
      );
      asked.on('error', (cause) => reject(new MediaUnavailable('the connection failed', { cause })));
      asked.end();
    });
    return fileOf(response, maximumBytes);
  };
}

function fileOf(response: IncomingMessage, maximumBytes: number): MediaFile {
  const { statusCode, headers } = response;
  const length = headers['content-length'];
  const sizeBytes = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null;
  const why =
    statusCode !== 200
      ? 'its host answered with something else'
      : headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity'
        ? 'it came compressed'
        : sizeBytes !== null && sizeBytes > maximumBytes
          ? 'it is too large'
          : null;
  if (why !== null) {
    response.destroy();
    throw new MediaUnavailable(why);
  }
  return {
    contentType: contentTypeOf(headers['content-type']),
    sizeBytes,
    body: bounded(response, maximumBytes),
    close: () => void response.destroy(),
  };
}

/** Sound is passed on as what it is; anything else as bytes, so that no browser takes it for a page. */
function contentTypeOf(given: string | undefined): string {
  return /^audio\/[a-z0-9.+-]{1,40}$/.exec((given ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '')?.[0] ?? 'application/octet-stream';
}

async function* bounded(response: IncomingMessage, maximumBytes: number): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const chunk of response) {
    const bytes = chunk as Uint8Array; // no encoding was set
    passed += bytes.byteLength;
    if (passed > maximumBytes) throw new MediaUnavailable('it is too large');
    yield bytes;
  }
}
