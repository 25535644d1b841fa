// The TypeScript signature of a client method, derived from the description of its endpoint.
import type { Endpoint, Entity, EntityOf, Id, Parameters } from '../aircall/index.ts';
import type { Listing, TokenListing } from './listing.ts';
import type { RequestOptions } from './request-options.ts';

/**
 * A client method: the path's parameters in order, then one object with those of query and body (left out where there are
 * none), then options. `GET /v1/calls/:id` becomes `retrieve(id, { fetchContact }, options)`.
 */
export type Method<E extends Endpoint> = (...given: [...PathArguments<E>, ...InputArgument<E>, options?: RequestOptions]) => Result<E>;

/** The object that holds the parameters of query and body, by their names in camelCase. */
export type Input<E extends Endpoint> = InputOf<Omit<Given<E, 'query'>, PageTurning<E>> & Given<E, 'body'>>;

/** What a method gives. */
export type Result<E extends Endpoint> = E['answer'] extends { readonly envelope: 'list'; readonly of: infer R extends Entity }
  ? E extends { readonly pagination: { readonly by: 'page' } }
    ? Listing<EntityOf<R>>
    : E extends { readonly pagination: { readonly by: 'token' } }
      ? TokenListing<EntityOf<R>>
      : Promise<readonly EntityOf<R>[]>
  : E['answer'] extends { readonly of: infer R extends Entity }
    ? Promise<EntityOf<R>>
    : Promise<undefined>;

// The order of an object's keys is not part of its type, so the path is read instead.
type PathArguments<E extends Endpoint> =
  PathNames<E['path']> extends readonly [infer A, infer B]
    ? [id: ValueAt<E, A>, innerId: ValueAt<E, B>]
    : PathNames<E['path']> extends readonly [infer A]
      ? [id: ValueAt<E, A>]
      : [];

type PathNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? [Name, ...PathNames<Rest>]
  : Path extends `${string}:${infer Name}`
    ? [Name]
    : [];

type ValueAt<E extends Endpoint, Name> = Name extends keyof Given<E, 'at'> ? ValueOfParameter<Given<E, 'at'>[Name]> : never;

type InputArgument<E extends Endpoint> = keyof Input<E> extends never ? [] : {} extends Input<E> ? [input?: Input<E>] : [input: Input<E>];

type Given<E extends Endpoint, Place extends 'at' | 'query' | 'body'> = E extends { readonly [P in Place]: infer P extends Parameters }
  ? P
  : {};

/** The parameters that lead from page to page are the listing's affair. */
type PageTurning<E extends Endpoint> = E extends { readonly pagination: { readonly by: 'token'; readonly token: infer T extends string } }
  ? T
  : E extends { readonly pagination: { readonly by: 'page' } }
    ? 'page'
    : never;

type InputOf<P> = Flat<
  { readonly [N in keyof P as P[N] extends Required ? Camel<N> : never]: ValueOfParameter<P[N]> } & {
    readonly [N in keyof P as P[N] extends Required ? never : Camel<N>]?: ValueOfParameter<P[N]> | undefined;
  }
>;
type Required = { readonly required: true };

type ValueOfParameter<P> = BareValue<P> | (P extends { readonly nullable: true } ? null : never);

type BareValue<P> = P extends { readonly format: 'unix-seconds' }
  ? Date | number
  : P extends { readonly format: 'id-or-email' | 'uuid-or-id' }
    ? string | Id
    : P extends { readonly values: readonly (infer V)[] }
      ? V
      : P extends { readonly type: 'object' }
        ? ObjectValue<P>
        : P extends { readonly type: 'object[]' }
          ? readonly ObjectValue<P>[]
          : P extends { readonly type: infer T extends keyof PlainValues }
            ? PlainValues[T]
            : never;

/** Objects inside a body take more keys than the documentation lists. */
type ObjectValue<P> = AnyObject & (P extends { readonly fields: infer F extends Parameters } ? InputOf<F> : {});
type AnyObject = { readonly [name: string]: unknown };

type PlainValues = {
  /** Digits, as a number, a `bigint` or text. */
  readonly id: Id | string;
  readonly integer: number;
  readonly text: string;
  readonly boolean: boolean;
  readonly 'id[]': readonly (Id | string)[];
  readonly 'text[]': readonly string[];
};

type Camel<Name> = Name extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<Camel<Rest> & string>}` : Name;

type Flat<T> = { [K in keyof T]: T[K] } & {};
