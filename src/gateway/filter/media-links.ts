// Links of the gateway's own to recordings and other files. Aircall's signed links open for whoever holds them; these open only
// for the agent they were made for, for ten minutes, through the gateway, which looks at its grants again and writes it down.
//
//   <base address><nonce, 12 bytes><AES-256-GCM of {address, row, field, until}><tag, 16 bytes>      base64url
//
// Nothing is kept: the address is in the link, where only the gateway can read it. Company and agent are authenticated with it.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { isObject } from '../../base/index.ts';
import { derive } from './tokens.ts';

export const mediaLinkLifetimeMs = 10 * 60_000;

/**
 * Where Aircall's own files are: its own hosts (developer.aircall.io/api-references/#call), and the bucket of its recordings, as
 * it stands in deliveries of webhooks that integrators have published. An operator may add hosts.
 */
export const aircallMediaHosts = ['*.aircall.io', 'production-pdx-555773567328-web.s3.us-west-2.amazonaws.com'] as const;

export type MediaFacts = {
  /** The id of the row the file belongs to, such as a call; null where rows have none. */
  readonly row: string | null;
  /** The field the link stands in. */
  readonly field: string;
};

/** What a link leads to. The address is a bearer credential: it goes into one request and nowhere else. */
export type MediaTarget = MediaFacts & { readonly url: string; readonly expiresAtMs: number };

export interface MediaLinks {
  /** Null for an address the gateway does not fetch from. */
  mint(url: string, facts: MediaFacts, to: { readonly agentId: string; readonly nowMs: number }): string | null;
  /** Null for what was not made here, for this agent, in the last ten minutes. Takes the part after the base address. */
  open(token: string, by: { readonly agentId: string; readonly nowMs: number }): MediaTarget | null;
}

export function createMediaLinks(options: {
  readonly key: KeyObject;
  readonly company: string;
  /** The token is put right behind it: `https://gateway.example/media/`. */
  readonly baseUrl: string;
  /** Exact names, or `*.example.com`. */
  readonly hosts: readonly string[];
  /** Gives so many random bytes. */
  readonly random: (size: number) => Buffer;
}): MediaLinks {
  const { company, baseUrl, hosts, random } = options;
  const key = derive(options.key, 'media link');
  const boundTo = (agentId: string) => Buffer.from(JSON.stringify(['media', company, agentId]));
  return {
    mint(url, { row, field }, { agentId, nowMs }) {
      if (!isAllowedMediaUrl(url, hosts)) return null;
      const nonce = random(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(agentId));
      const secret = JSON.stringify({ url, row, field, until: nowMs + mediaLinkLifetimeMs });
      const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return baseUrl + sealed.toString('base64url');
    },
    open(token, { agentId, nowMs }) {
      if (!/^[\w-]{40,12000}$/.test(token)) return null;
      const sealed = Buffer.from(token, 'base64url');
      const secret = unseal(sealed, key, boundTo(agentId));
      if (!isObject(secret)) return null;
      const { url, row, field, until } = secret;
      if (typeof url !== 'string' || typeof field !== 'string' || typeof until !== 'number') return null;
      if (row !== null && typeof row !== 'string') return null;
      // A list of hosts that has shrunk since counts at once. So does a clock set back: nothing lives longer than ten minutes.
      if (nowMs >= until || until - nowMs > mediaLinkLifetimeMs || !isAllowedMediaUrl(url, hosts)) return null;
      return { url, row, field, expiresAtMs: until };
    },
  };
}

/** https on its usual port, a host of the list by name, no user in it. */
export function isAllowedMediaUrl(address: string, hosts: readonly string[]): boolean {
  if (address.length > 8_000 || !URL.canParse(address)) return false;
  const { protocol, hostname, port, username, password } = new URL(address);
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return false;
  return isAllowedMediaHost(hostname, hosts);
}

/** Whether a host is one that files are fetched from: by name, never by address. */
export function isAllowedMediaHost(host: string, hosts: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(name) || isIP(name) !== 0) return false;
  return hosts.some((allowed) => {
    const wanted = allowed.toLowerCase();
    return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) && name.length >= wanted.length : name === wanted;
  });
}

function unseal(sealed: Buffer, key: Buffer, boundTo: Buffer): unknown {
  if (sealed.length <= 28) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 })
      .setAAD(boundTo)
      .setAuthTag(sealed.subarray(-16));
    return JSON.parse(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8'));
  } catch {
    // Altered, cut, or made for someone else: it is no link, and there is nothing else to say about it.
    return null;
  }
}
