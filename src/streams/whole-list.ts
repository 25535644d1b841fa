// Streams that are read whole every time: short lists of settings-like things. Their state remembers a fingerprint of
// every row, so that only changed rows are written and absent ones are noticed.
import type { JsonObject } from '../base/index.ts';
import { isObject } from '../base/index.ts';
import { type Aircall, type Listing, NotFound, type RequestOptions } from '../client/index.ts';
import { requestsFor } from './requests-for.ts';
import { askedOneByOne, mustHold, provenGone, provenGoneByListing } from './absence.ts';
import { recordHash } from './record-hash.ts';
import type { Item, ReadContext, Stream } from './stream.ts';
import { fieldOf, keyOf } from './time-lister.ts';

export type WholeListOptions = Omit<Stream, 'read' | 'estimate' | 'deletions' | 'freshness' | 'cost'> & {
  readonly list: (aircall: Aircall, request: RequestOptions) => Listing<unknown>;
  readonly retrieve: (aircall: Aircall, key: string, request: RequestOptions) => Promise<unknown>;
  /** What one listed record becomes before it is compared and written, at the price of requests. */
  readonly expand?: (record: unknown, context: ReadContext) => Promise<unknown>;
  readonly cost?: string;
  /** Aircall has announced changes around this endpoint: its end switches the stream off instead of failing it. */
  readonly mayEnd?: true;
};

/**
 * Walks until the list is complete; more means it never holds still. Rows may have no stable order, those of one second for
 * example: then one walk sees some of them twice and others not at all, and several walks together see all.
 */
const attempts = 5;

export function wholeList(options: WholeListOptions): Stream {
  const { list, retrieve: _retrieve, expand, cost = 'one request per 50 rows, every run', ...rest } = options;
  return {
    ...rest,
    cost,
    freshness: 'the whole list is read every run; only changed rows are written',
    deletions: 'by absence from a complete list, each confirmed',
    async *read(context) {
      try {
        yield* readWholeList({ ...options, cost }, context);
      } catch (error) {
        if (options.mayEnd !== true || !(error instanceof NotFound)) throw error;
        yield { kind: 'off', reason: `Aircall does not serve ${options.endpoint.path} to this account any more.` };
      }
    },
    async estimate({ aircall, request }) {
      const { total } = (await list(aircall, request).page(1)).meta;
      return { rows: total, requests: requestsFor(total) + (expand === undefined ? 0 : total), reason: 'the whole list, every run' };
    },
  };
}

async function* readWholeList(options: WholeListOptions, context: ReadContext): AsyncGenerator<Item, void> {
  const { aircall, request } = context;
  const before = parseState(context.state);
  const seen = new Map<string, string>();
  const written = new Map<string, string>(context.full ? [] : before);
  let sentAtMs = context.clock.now();
  let moved = context.state === null;

  async function* walkOnce(): AsyncGenerator<Item, Walked> {
    const keys = new Set<string>();
    const totals = new Set<number>();
    let nameless = 0;
    for await (const page of options.list(aircall, request).pages()) {
      sentAtMs = page.sentAtMs;
      totals.add(page.meta.total);
      const changed: unknown[] = [];
      for (const listed of page.rows) {
        const record = options.expand === undefined ? listed : await options.expand(listed, context);
        const key = keyOf(fieldOf(record, options.shape.key));
        const hash = recordHash(record);
        if (key === null) nameless += 1;
        else {
          keys.add(key);
          seen.set(key, hash);
          if (written.get(key) === hash) continue;
          written.set(key, hash);
        }
        changed.push(record);
      }
      yield { kind: 'records', records: changed, sentAtMs: page.sentAtMs, listed: page.rows.length };
      // Should the walk end early, these rows must not be forgotten: one that goes before the next run would never be missed.
      if (changed.length > 0) {
        moved = true;
        yield { kind: 'checkpoint', state: formatState(new Map([...before, ...seen])) };
      }
    }
    const [total = 0] = totals;
    return { steady: totals.size <= 1, total, keys, nameless };
  }

  async function* walkUntilComplete(): AsyncGenerator<Item, Walked> {
    let walked = yield* walkOnce();
    for (let attempt = 1; attempt < attempts && !isComplete(walked); attempt += 1) walked = joined(walked, yield* walkOnce());
    return walked;
  }

  const walked = yield* walkUntilComplete();
  if (!isComplete(walked)) {
    yield {
      kind: 'incomplete',
      label: options.name,
      reason: `Aircall counts ${walked.total} rows, ${walked.keys.size} different ones were seen, and ${attempts} walks did not settle it`,
    };
    yield { kind: 'checkpoint', state: formatState(new Map([...before, ...seen])) };
    return;
  }
  yield { kind: 'closed', label: options.name, total: walked.total, distinct: walked.keys.size };

  const absent = [...new Set([...before.keys(), ...seen.keys()])].filter((key) => !walked.keys.has(key));
  let gone: readonly string[] = [];
  if (absent.length > 0 && !context.full) {
    const [listed] = walked.keys;
    const ask = (key: string) => options.retrieve(aircall, key, request);
    if (absent.length <= askedOneByOne) gone = await provenGone(absent, listed, ask);
    else {
      const again = yield* walkUntilComplete();
      if (isComplete(again)) gone = await provenGoneByListing(absent, again.keys, listed, ask);
    }
    const held = mustHold(gone.length, before.size) && !(context.sweep && context.confirmed);
    if (held) yield { kind: 'held', rows: gone.length, of: before.size };
    else if (gone.length > 0) yield { kind: 'gone', keys: gone, sentAtMs };
    if (held) gone = [];
  }
  const after = new Map([...before, ...seen]);
  for (const key of gone) after.delete(key);
  if (moved || !sameEntries(before, after)) yield { kind: 'checkpoint', state: formatState(after) };
}

type Walked = {
  /** Every page claimed the same total. */
  readonly steady: boolean;
  readonly total: number;
  readonly keys: ReadonlySet<string>;
  /** Rows without a key. */
  readonly nameless: number;
};

function isComplete({ steady, total, keys, nameless }: Walked): boolean {
  return steady && keys.size + nameless === total;
}

/** What two walks saw together, if nothing came or went between them; else the later one alone. */
function joined(before: Walked, after: Walked): Walked {
  const same = before.steady && after.steady && before.total === after.total && before.nameless === after.nameless;
  return same ? { ...after, keys: new Set([...before.keys, ...after.keys]) } : after;
}

function parseState(state: JsonObject | null): Map<string, string> {
  const rows = state?.['rows'];
  return new Map(isObject(rows) ? Object.entries(rows).map(([key, hash]) => [key, typeof hash === 'string' ? hash : '']) : []);
}

function formatState(rows: ReadonlyMap<string, string>): JsonObject {
  return { version: 1, rows: Object.fromEntries(rows) };
}

function sameEntries(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
