// The company stream: one row. Aircall gives a company no id, and a rename must not add a row: the key is always 1.
import { api, company as entity, field } from '../aircall/index.ts';
import { recordHash } from './record-hash.ts';
import type { Item, ReadContext, Stream } from './stream.ts';

export const company: Stream = {
  name: 'company',
  summary: 'The company itself: its name and how many users and numbers it has.',
  shape: {
    table: 'company',
    key: 'id',
    fields: { id: field.id('Always 1: Aircall gives a company no id.'), ...entity.fields },
  },
  endpoint: api.company.retrieve,
  freshness: 'read every run',
  cost: 'one request every run',
  deletions: 'never',
  estimate: () => Promise.resolve({ rows: 1, requests: 1, reason: 'every run' }),
  async *read(context: ReadContext): AsyncGenerator<Item, void> {
    const { aircall, request, clock, state } = context;
    const sentAtMs = clock.now();
    const record = { id: 1, ...(await aircall.company.retrieve(request)) };
    const hash = recordHash(record);
    const same = state?.['hash'] === hash && !context.full;
    yield { kind: 'records', records: same ? [] : [record], sentAtMs, listed: 1 };
    yield { kind: 'closed', label: 'company', total: 1, distinct: 1 };
    if (!same) yield { kind: 'checkpoint', state: { version: 1, hash } };
  },
};
