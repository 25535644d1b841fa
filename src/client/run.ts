// Runs one method of the client: sorts its arguments, sends, unwraps the answer, and lets another endpoint stand in
// where the account refuses the one asked for.
import { endpoints } from '../aircall/index.ts';
import type { Endpoint } from '../aircall/index.ts';
import { isObject } from '../base/index.ts';
import type { UnknownRecord } from '../base/index.ts';
import { NotFound, NotInPlan } from './errors.ts';
import { createListing, createTokenListing, rowsIn } from './listing.ts';
import type { ListAnswer } from './listing.ts';
import { malformed } from './malformed.ts';
import type { RequestOptions } from './request-options.ts';
import { buildRequest, takesInput } from './request.ts';
import type { Arguments, PageParameters } from './request.ts';
import { send } from './send.ts';
import type { Connection } from './send.ts';

export type Running = {
  readonly connection: Connection;
  /** Families of endpoints, such as `/v2/users`, that this account refused while others stood in. Lives as long as the client. */
  readonly refused: Set<string>;
  readonly endpoint: Endpoint;
  /** What the method was called with. */
  readonly given: readonly unknown[];
};

/** A listing, or a promise of what the answer holds. Wrong arguments reject before anything is sent. */
export function run(running: Running): unknown {
  const { connection, endpoint, given } = running;
  const { pagination } = endpoint;
  const { arguments_, options } = sort(endpoint, given);
  const request = <T>(turning: PageParameters, understand: (got: ListAnswer) => T): Promise<T> =>
    withStandIn(running, async (chosen) => {
      const wire = buildRequest(chosen, arguments_, turning);
      return send(connection, chosen, wire, (body, answer) => understand({ body, answer }), options);
    });

  if (pagination === undefined) return request({}, (got) => unwrap(endpoint, got));
  if (pagination.by === 'token') return createTokenListing({ endpoint, pagination, request });
  return createListing({ endpoint, pagination, request, perPage: Number(arguments_.input['perPage']) });
}

/** Path parameters first, then the object of parameters where the endpoint takes any, then options. */
function sort(
  endpoint: Endpoint,
  given: readonly unknown[],
): { readonly arguments_: Arguments; readonly options: RequestOptions | undefined } {
  const positional = Object.keys(endpoint.at ?? {}).length;
  const rest = given.slice(positional);
  const input = takesInput(endpoint) ? rest.shift() : undefined;
  // The method's type says what stands where; `buildRequest` looks at every parameter again.
  const parameters = { ...defaults(endpoint), ...(input as UnknownRecord | undefined) };
  return { arguments_: { at: given.slice(0, positional), input: parameters }, options: rest[0] as RequestOptions | undefined };
}

/** The fewest requests: as many rows on a page as Aircall gives. */
function defaults({ pagination }: Endpoint): UnknownRecord {
  return pagination?.by === 'page' ? { perPage: pagination.maximumPerPage } : {};
}

function unwrap(endpoint: Endpoint, got: ListAnswer): unknown {
  const { answer: described, answerUnconfirmed } = endpoint;
  const { body, answer } = got;
  switch (described.envelope) {
    case 'none':
      return undefined;
    case 'bare':
      return body;
    case 'list':
      return rowsIn(endpoint, got);
    case 'one':
      if (isObject(body) && Object.hasOwn(body, described.key)) return body[described.key];
      if (answerUnconfirmed) return body;
      throw malformed(answer, `it has no \`${described.key}\``);
  }
}

/**
 * Version 2 of some endpoints is not open to every account, version 1 of them will end: each names the other as its
 * stand-in. Which of the two answers is remembered.
 */
async function withStandIn<T>({ endpoint, refused }: Running, attempt: (chosen: Endpoint) => Promise<T>): Promise<T> {
  const standIn = endpoint.standIn === undefined ? undefined : endpoints.find(({ id }) => id === endpoint.standIn);
  if (standIn === undefined) return attempt(endpoint);

  const [first, second] = refused.has(familyOf(endpoint)) ? [standIn, endpoint] : [endpoint, standIn];
  try {
    return await attempt(first);
  } catch (error) {
    if (!isRefusedAltogether(first, error)) throw error;
    const answer = await attempt(second).catch((later: unknown) => {
      throw isRefusedAltogether(second, later) ? error : later;
    });
    refused.add(familyOf(first));
    refused.delete(familyOf(second));
    return answer;
  }
}

/** Version and resource: `/v2/users`. An account that refuses one endpoint of a family refuses them all. */
function familyOf({ path }: Endpoint): string {
  return path.split('/', 3).join('/');
}

/** Whether the endpoint itself is refused, whatever is asked of it. */
function isRefusedAltogether(endpoint: Endpoint, error: unknown): boolean {
  if (error instanceof NotInPlan) return true;
  return error instanceof NotFound && (error.route || endpoint.at === undefined);
}
