// The client: every endpoint of the API as a method, made by walking the description of the API.
import { api } from '../aircall/index.ts';
import type { Api, Endpoint } from '../aircall/index.ts';
import type { Budget } from '../base/index.ts';
import { openConnection } from './open-connection.ts';
import type { ClientOptions } from './open-connection.ts';
import { run } from './run.ts';
import type { Method } from './method.ts';

/** Groups of methods as in Aircall's documentation: `aircall.calls.list({ from })`, `aircall.users.retrieve(id)`. */
export type Aircall = { readonly [G in keyof Api]: { readonly [M in keyof Api[G]]: Method<EndpointAt<Api[G], M>> } } & {
  readonly budget: Budget;
  /** Closes idle connections. Requests on their way end first. Safe to call twice. */
  close(): Promise<void>;
};

type EndpointAt<G, M extends keyof G> = G[M] extends infer E extends Endpoint ? E : never;

/** Opens nothing: connections are made with the first request. Throws a `UsageError` for options that cannot work. */
export function createClient(options: ClientOptions): Aircall {
  const connection = openConnection(options);
  const refused = new Set<string>();
  const groups: Readonly<Record<string, Readonly<Record<string, Endpoint>>>> = { ...api };
  const methods = mapValues(groups, (group) =>
    mapValues(
      group,
      (endpoint) =>
        (...given: readonly unknown[]) =>
          run({ connection, refused, endpoint, given }),
    ),
  );
  let closing: Promise<void> | undefined;
  return {
    // Every method takes and gives what its endpoint's description says, which only the type can tell one by one.
    ...(methods as unknown as Pick<Aircall, keyof Api>),
    budget: connection.budget,
    close: () => (closing ??= options.dispatcher === undefined ? connection.dispatcher.close() : Promise.resolve()),
  };
}

function mapValues<V, R>(values: Readonly<Record<string, V>>, map: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
