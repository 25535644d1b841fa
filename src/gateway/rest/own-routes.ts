// The paths by which an agent asks the gateway about itself, as by its tools over MCP:
//
//   GET  /gateway/whoami           what it may do, in words
//   GET  /gateway/budget           how many requests are left
//   GET  /gateway/approvals/AP-31  how an approval stands
//   POST /gateway/explain          whether this would be allowed, and why: {"capability":"tags.delete","arguments":{"id":"7"}}
import { isObject } from '../../base/index.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import { placeArguments } from '../capabilities/schema.ts';
import type { CallArguments } from '../policy/decision.ts';
import type { OwnRequest } from '../flow/call.ts';

type Problem = { readonly problem: string };

/** Null: it is none of these paths. */
export function readOwn(method: string, segments: readonly string[], { query, body }: CallArguments): OwnRequest | Problem | null {
  const [room, name, id, ...more] = segments;
  if (room !== 'gateway' || more.length > 0) return null;
  const own = readPath(`${method} ${name ?? ''}`, id, body ?? {});
  if (own === null || 'problem' in own) return own;
  if (Object.keys(query).length > 0) return { problem: 'The gateway’s own paths take no parameters in the query.' };
  return method === 'GET' && body !== null ? { problem: 'A request that only reads has no body.' } : own;
}

function readPath(path: string, id: string | undefined, body: Readonly<Record<string, unknown>>): OwnRequest | Problem | null {
  if (path === 'GET approvals' && id !== undefined) {
    return id.length > 64
      ? { problem: 'The path must end with the id of an approval, such as AP-31.' }
      : { kind: 'approval_status', approvalId: id };
  }
  if (id !== undefined) return null;
  switch (path) {
    case 'GET whoami':
      return { kind: 'whoami' };
    case 'GET budget':
      return { kind: 'budget' };
    case 'POST explain':
      return readExplain(body);
    default:
      return null;
  }
}

function readExplain({
  capability: id,
  arguments: asked = {},
  dry_run: dryRun = false,
  ...more
}: Readonly<Record<string, unknown>>): OwnRequest | Problem {
  if (Object.keys(more).length > 0) return { problem: 'The body takes capability, arguments and dry_run, and nothing else.' };
  if (typeof id !== 'string' || id.length > 128) return { problem: 'capability must be the id of one, such as tags.delete.' };
  if (!isObject(asked)) return { problem: 'arguments must be an object.' };
  if (typeof dryRun !== 'boolean') return { problem: 'dry_run must be true or false.' };
  const capability = capabilityOf(id);
  const placed = capability === undefined ? { at: {}, query: {}, body: null } : placeArguments(capability, asked);
  return { kind: 'explain', endpoint: capability?.endpoint ?? null, arguments: placed, dryRun };
}
