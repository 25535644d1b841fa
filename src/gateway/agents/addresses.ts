// The addresses a key may be used from: single ones and networks (`192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`).
import { BlockList, isIP } from 'node:net';

/** The list in the form it is kept in; throws with the end of a sentence when an entry is neither address nor network. */
export function parseAddresses(entries: readonly string[]): readonly string[] {
  for (const entry of entries) listOf([entry]);
  return [...new Set(entries)];
}

/** Whether an address is in the list. An unknown address is in none, and an entry that cannot be read throws. */
export function isAmong(ip: string | null, entries: readonly string[]): boolean {
  const list = listOf(entries);
  const address = ip === null ? '' : plain(ip);
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits, ...more] = entry.split('/');
    const family = isIP(address);
    const longest = family === 6 ? 128 : 32;
    if (family === 0 || address.includes('%') || more.length > 0) throw new RangeError(`"${entry}" is no address and no network`);
    const type = family === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, type);
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= longest) list.addSubnet(address, Number(bits), type);
    else throw new RangeError(`"${entry}" is no network: after the slash stands 0 to ${longest}`);
  }
  return list;
}

/** An IPv4 address as a dual-stack socket shows it (`::ffff:192.0.2.7`) is that IPv4 address. */
function plain(ip: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip;
}
