// Who can reach a server, and whether it may start like that.
import { BlockList, isIP } from 'node:net';
import { UsageError } from '../base/index.ts';

export type Exposure = {
  readonly listen: { readonly host: string; readonly port: number };
  /** An origin, such as `https://trunkline.example.com`; null: where it listens. */
  readonly publicUrl: string | null;
  /** There is a key-encryption key, and it is not weak. */
  readonly sealed: boolean;
};

/** Throws `UsageError` when others than this machine could reach it, and not in safety. */
export function checkExposure({ listen, publicUrl, sealed }: Exposure): void {
  const opensOut = !isThisMachine(listen.host);
  const isNamedOutside = publicUrl !== null && !isThisMachine(new URL(publicUrl).hostname);
  if (!opensOut && !isNamedOutside) return;
  if (publicUrl === null || !publicUrl.startsWith('https:')) {
    throw new UsageError({
      code: 'public_without_tls',
      message: `${listen.host} can be reached by other machines, and nothing says that connections to it are encrypted: keys would travel in the clear.`,
      hint: 'Put something in front that does TLS and say under which address others see it, TRUNKLINE_PUBLIC_URL=https://…; or listen on 127.0.0.1.',
    });
  }
  if (sealed) return;
  throw new UsageError({
    code: 'public_without_kek',
    message: 'Others than this machine can reach the server, and the gateway’s keys are not sealed: there is no TRUNKLINE_KEK.',
    hint: 'Make a key with `openssl rand -base64 32`, keep it safe, and set it as TRUNKLINE_KEK (or its file as TRUNKLINE_KEK_FILE).',
  });
}

/** What the Host header may say: what others call the server, and what this machine does. */
export function hostsOf({ listen, publicUrl }: Pick<Exposure, 'listen' | 'publicUrl'>, port: number): readonly string[] {
  const own = isIP(listen.host) === 6 ? `[${listen.host}]` : listen.host;
  const here = ['127.0.0.1', 'localhost', '[::1]', ...(isAnyAddress(listen.host) ? [] : [own])];
  return [...new Set([...here.map((host) => `${host}:${port}`), ...(publicUrl === null ? [] : [new URL(publicUrl).host])])];
}

export function isThisMachine(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/**
 * The address a request comes from. What X-Forwarded-For says counts only as far as trusted proxies wrote it: from the right, the first
 * address that is not one of theirs.
 */
export function createAddressOf(
  proxies: readonly string[],
): (request: {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: NodeJS.Dict<string | string[]>;
}) => string | null {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, type);
    else trusted.addSubnet(address, Number(bits), type);
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return ({ socket, headers }) => {
    const peer = plain(socket.remoteAddress ?? '');
    if (isIP(peer) === 0) return null;
    const said = headers['x-forwarded-for'];
    const hops = (typeof said === 'string' ? said : (said ?? []).join(',')).split(',').map((hop) => plain(hop.trim()));
    let address = peer;
    for (let index = hops.length - 1; index >= 0 && isTrusted(address); index -= 1) {
      const hop = hops[index] ?? '';
      // A proxy that hands on something else than an address has told us nothing: then nobody is known.
      if (hop === '' && hops.length === 1) break;
      if (isIP(hop) === 0) return null;
      address = hop;
    }
    return address;
  };
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function plain(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
