// The network an address is in: enough to tell one source from another in the log, too little to name a person.
import { isIP } from 'node:net';

/** `192.0.2` for 192.0.2.7, `2001:db8:1` for 2001:db8:1::5; null for what is no address. */
export function networkOf(ip: string | null): string | null {
  if (ip === null) return null;
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip.split('%', 1)[0] ?? '';
  switch (isIP(plain)) {
    case 4:
      return plain.split('.', 3).join('.');
    case 6:
      return groupsOf(plain).slice(0, 3).join(':');
    default:
      return null;
  }
}

function groupsOf(address: string): readonly string[] {
  const [before = '', after = ''] = address.toLowerCase().split('::', 2);
  const head = before === '' ? [] : before.split(':');
  const tail = after === '' ? [] : after.split(':');
  const missing = address.includes('::') ? Math.max(0, 8 - head.length - tail.length) : 0;
  return [...head, ...Array.from({ length: missing }, () => '0'), ...tail].map((group) => group.replace(/^0+(?=.)/, ''));
}
