// Bad days as values, laid over the simulated API and taken off again. A fault acts on a request that carried good
// credentials and fitted the budget; what it leaves of the answer, and how that travels, is all it decides.
import { limits } from '../aircall/index.ts';
import type { Overrides } from './company/state.ts';
import type { Wire } from './http/delivery.ts';
import type { ApiRequest, ApiResponse } from './http/message.ts';
import { refusalOf } from './http/fault-bodies.ts';
import type { FaultBody } from './http/fault-bodies.ts';
import { repage, withFields, withPerPage, withTotal } from './http/spoilt-pages.ts';

export type Fault =
  /** A status with one of the known bodies. The request is not carried out. */
  | { readonly kind: 'status'; readonly status: number; readonly body?: FaultBody }
  /** 429 as if others had used up the budget, with the rate headers or without. */
  | { readonly kind: 'tooMany'; readonly headers?: boolean; readonly retryAfterSeconds?: number; readonly resetAfterSeconds?: number }
  /** The connection breaks. A write has been carried out unless `isCarriedOut` is false. */
  | { readonly kind: 'reset'; readonly after: 'nothing' | 'headers' | 'half'; readonly isCarriedOut?: boolean }
  /** The body stops in the middle, and says that this was all. */
  | { readonly kind: 'truncated' }
  /** Silence, for ever or for a while. */
  | { readonly kind: 'hang'; readonly after: 'nothing' | 'headers'; readonly forMs?: number; readonly isCarriedOut?: boolean }
  | { readonly kind: 'slow'; readonly overMs: number }
  /** A page for people where JSON should be. */
  | { readonly kind: 'html'; readonly status: number }
  /** `meta.total` is not what it should be. */
  | { readonly kind: 'total'; readonly change: (total: number) => number }
  /** The rows of the page before, under the number of the page asked for. */
  | { readonly kind: 'samePage' }
  /** Pages hold this many rows, whatever was asked for, and say so in `meta`. */
  | { readonly kind: 'perPage'; readonly perPage: number }
  /** Fields laid over every record of this one answer. */
  | { readonly kind: 'fields'; readonly fields: Overrides }
  /** Anything else. */
  | { readonly kind: 'replace'; readonly with: (answer: ApiResponse, request: ApiRequest) => ApiResponse };

/** Which requests a fault meets. Everything given must hold. */
export type FaultMatcher = {
  /** Ids of endpoints, such as `calls.list`. */
  readonly endpoint?: string | readonly string[];
  readonly path?: string | RegExp;
  readonly method?: string;
  /** The page asked for, 1 when none is. */
  readonly page?: number;
  readonly where?: (request: ApiRequest) => boolean;
};

/** What the fault needs to know of a request. */
export type FaultContext = { readonly request: ApiRequest; readonly endpoint: string | null; readonly nowMs: number };

type Rule = {
  readonly matcher: FaultMatcher;
  readonly choose: (context: FaultContext) => Fault | undefined;
  readonly isSpent: (nowMs: number) => boolean;
};

/** How a fault treats one request: `apply` carries it out, or another in its place. */
export type Treatment = {
  readonly answer: (apply: (request?: ApiRequest) => ApiResponse) => ApiResponse;
  readonly wire: Wire;
};

export class Faults {
  #rules: Rule[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Meets the next `times` matching requests. */
  next(matcher: FaultMatcher, fault: Fault, times = 1): () => void {
    let left = times;
    return this.#add({
      matcher,
      choose: () => {
        left -= 1;
        return fault;
      },
      isSpent: () => left <= 0,
    });
  }

  /** Meets every matching request for some milliseconds of the company's time. */
  during(matcher: FaultMatcher, fault: Fault, forMs: number): () => void {
    const untilMs = this.#now() + forMs;
    return this.#add({ matcher, choose: () => fault, isSpent: (nowMs) => nowMs >= untilMs });
  }

  /** Meets every matching request until taken off. */
  always(matcher: FaultMatcher, fault: Fault): () => void {
    return this.#add({ matcher, choose: () => fault, isSpent: () => false });
  }

  /** Leaves the choice to a function, which may also let a request pass. */
  choose(matcher: FaultMatcher, choose: (context: FaultContext) => Fault | undefined): () => void {
    return this.#add({ matcher, choose, isSpent: () => false });
  }

  /** Takes everything off. */
  clear(): void {
    this.#rules = [];
  }

  /** The treatment of a request by the first rule that meets it; undefined when none does. */
  treat(context: FaultContext): Treatment | undefined {
    this.#rules = this.#rules.filter((rule) => !rule.isSpent(context.nowMs));
    for (const rule of this.#rules) {
      if (!matches(rule.matcher, context)) continue;
      const fault = rule.choose(context);
      if (fault !== undefined) return treatmentOf(fault, context);
    }
    return undefined;
  }

  #add(rule: Rule): () => void {
    this.#rules.push(rule);
    return () => {
      this.#rules = this.#rules.filter((known) => known !== rule);
    };
  }
}

function matches({ endpoint, path, method, page, where }: FaultMatcher, context: FaultContext): boolean {
  const { request } = context;
  if (endpoint !== undefined && !(typeof endpoint === 'string' ? [endpoint] : endpoint).includes(context.endpoint ?? '')) return false;
  if (typeof path === 'string' && path !== request.path) return false;
  if (path instanceof RegExp && !path.test(request.path)) return false;
  if (method !== undefined && method !== request.method) return false;
  if (page !== undefined && page !== Number(new URLSearchParams(request.query).get('page') ?? 1)) return false;
  return where === undefined || where(request);
}

const whole: Wire = { kind: 'whole' };

function treatmentOf(fault: Fault, { request, nowMs }: FaultContext): Treatment {
  switch (fault.kind) {
    case 'status':
      return { answer: () => refusalOf(fault.status, fault.body ?? 'application'), wire: whole };
    case 'tooMany':
      return { answer: () => tooMany(fault, nowMs), wire: whole };
    case 'html':
      return { answer: () => refusalOf(fault.status, 'html'), wire: whole };
    case 'reset':
    case 'hang': {
      const wire: Wire =
        fault.kind === 'reset'
          ? { kind: 'reset', after: fault.after }
          : { kind: 'hang', after: fault.after, ...(fault.forMs === undefined ? {} : { forMs: fault.forMs }) };
      return { answer: (apply) => (fault.isCarriedOut === false ? refusalOf(500, 'application') : apply()), wire };
    }
    case 'truncated':
      return { answer: (apply) => apply(), wire: { kind: 'truncated' } };
    case 'slow':
      return { answer: (apply) => apply(), wire: { kind: 'slow', overMs: fault.overMs } };
    case 'total':
      return { answer: (apply) => withTotal(apply(), fault.change), wire: whole };
    case 'samePage':
      return { answer: (apply) => repage(apply, request), wire: whole };
    case 'perPage':
      return { answer: (apply) => withPerPage(apply, request, fault.perPage), wire: whole };
    case 'fields':
      return { answer: (apply) => withFields(apply(), fault.fields), wire: whole };
    case 'replace':
      return { answer: (apply) => fault.with(apply(), request), wire: whole };
  }
}

function tooMany(fault: Extract<Fault, { kind: 'tooMany' }>, nowMs: number): ApiResponse {
  const answer = refusalOf(429, 'application');
  const reset = String(Math.ceil(nowMs / 1000) + (fault.resetAfterSeconds ?? 60));
  const names = limits.rate.headers;
  const rate = { [names.limit]: String(limits.rate.requests), [names.remaining]: '0', [names.reset]: reset };
  return {
    ...answer,
    headers: {
      ...answer.headers,
      ...(fault.headers === true ? rate : {}),
      ...(fault.retryAfterSeconds === undefined ? {} : { [limits.rate.retryAfterHeader]: String(fault.retryAfterSeconds) }),
    },
  };
}
