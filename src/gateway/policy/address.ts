// Whether an address that Aircall, or a person, will call may be used: only hosts that the operator listed.
/** Why it may not be used, in our words; null when it may. Takes anything. */
export function refuseAddress(address: unknown, hosts: readonly string[]): string | null {
  if (typeof address !== 'string') return 'it is no text';
  // Visible ASCII only, so that no parser disagrees with another about where the host ends.
  if (!/^https:\/\/[\x21-\x7e]+$/i.test(address)) return 'it is not an https address in plain letters';
  const authority = /^https:\/\/([^/?#]*)/i.exec(address)?.[1] ?? '';
  if (!/^[a-z\d.-]+(?::443)?$/i.test(authority)) return 'its host is not written plainly';
  const host = hostOf(address);
  if (host === null) return 'it has no host, or a port of its own';
  if (isNumeric(host)) return 'it names a machine by number';
  if (isLocal(host)) return 'it names this network';
  return hosts.some((pattern) => fits(host, pattern)) ? null : 'its host is not on the list of the company';
}

/**
 * A host as the list holds it: lower case, punycode, without the dot at the end; with `*.` in front when it stands for what is
 * below it. Null for what cannot stand on the list: addresses by number, local names, names of one word.
 */
export function normaliseHost(pattern: unknown): string | null {
  if (typeof pattern !== 'string') return null;
  const below = pattern.startsWith('*.');
  const name = below ? pattern.slice(2) : pattern;
  if (/[/?#@:\\%*\s[\]]/.test(name)) return null;
  const host = hostOf(`https://${name}/`);
  if (host === null || isNumeric(host) || isLocal(host) || !host.includes('.')) return null;
  return below ? `*.${host}` : host;
}

function fits(host: string, pattern: unknown): boolean {
  const listed = normaliseHost(pattern);
  if (listed === null) return false;
  return listed.startsWith('*.') ? host.endsWith(listed.slice(1)) && host.length > listed.length - 1 : host === listed;
}

function hostOf(address: string): string | null {
  try {
    const { hostname, port, username, password, protocol } = new URL(address);
    if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return null;
    const host = hostname.toLowerCase().replace(/\.$/, '');
    return host === '' || host.startsWith('.') || host.endsWith('.') || host.includes('..') ? null : host;
  } catch {
    return null; // not an address at all
  }
}

function isNumeric(host: string): boolean {
  return host.startsWith('[') || host.includes(':') || /(?:^|\.)\d+$/.test(host) || /(?:^|\.)0x[0-9a-f]*$/.test(host);
}

function isLocal(host: string): boolean {
  return /(?:^|\.)(?:localhost|local|internal|localdomain|home\.arpa)$/.test(host);
}
