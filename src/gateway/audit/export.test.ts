import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyFacts, factsOf, openAuditLab, outcomeOf } from '../../../test/support/audit-lab.ts';
import type { StoredRecord } from '../../store/index.ts';
import { exportHead, exportLine, parseRecord } from './export.ts';
import type { ExportFormat } from './export.ts';
import type { AuditFacts } from './record.ts';

async function storedOf(...facts: readonly AuditFacts[]): Promise<readonly StoredRecord[]> {
  const { log, store } = await openAuditLab();
  for (const each of facts) await log.append(each, { durability: 'process' });
  return store.records({ after: 0, limit: 100 });
}

async function eventsOf(format: ExportFormat, ...facts: readonly AuditFacts[]): Promise<readonly Event[]> {
  return (await storedOf(...facts)).map((stored) => JSON.parse(exportLine(format, stored, '1.2.3')) as Event);
}

type Event = Readonly<Record<string, unknown>>;

const decided = (given: object): AuditFacts => {
  const { decision } = factsOf();
  return factsOf({ decision: decision && { ...decision, ...given } });
};

const ended = (given: object): AuditFacts => {
  const { outcome } = outcomeOf();
  return outcomeOf({ outcome: outcome && { ...outcome, ...given } });
};

test('a line of jsonl holds the very bytes that were hashed, so that who has the key can check it without the gateway', async () => {
  const { log, store, keys } = await openAuditLab();
  await log.append(factsOf(), { durability: 'process' });
  await log.append(outcomeOf(), { durability: 'process' });
  for (const stored of store.records({ after: 0, limit: 10 })) {
    const line = exportLine('jsonl', stored, '1.2.3');
    const { hash, prev } = JSON.parse(line) as StoredRecord;
    const bytes = `{${line.trimEnd().slice(`{"hash":"${hash}","prev":"${prev}",`.length)}`;
    expect(
      createHmac('sha256', keys.auditChain)
        .update(prev + bytes)
        .digest('hex'),
    ).toBe(hash);
    expect(parseRecord({ bytes })).toEqual(parseRecord(stored));
  }
});

test('a line of CSV has as many cells as the header, whatever was recorded', async () => {
  const { log, store } = await openAuditLab();
  const columns = exportHead('csv').trimEnd().split(',');
  let seq = 0;
  await fc.assert(
    fc.asyncProperty(anyFacts, async (facts) => {
      ({ seq } = await log.append(facts, { durability: 'process' }));
      const stored = store.record(seq);
      if (stored === null) throw new TypeError('it was just written');
      const cells = cellsOf(exportLine('csv', stored, '1.2.3'));
      expect(cells).toHaveLength(columns.length);
      const cell = (name: string) => cells[columns.indexOf(name)];
      expect(cell('seq')).toBe(String(seq));
      expect(cell('hash')).toBe(stored.hash);
      expect(cell('sentence')?.replace(/^'/, '')).toBe(facts.sentence);
      for (const each of cells) expect(each).not.toMatch(/^\s*[=+\-@]/);
    }),
    { numRuns: 100 },
  );
});

test.each(['=HYPERLINK("http://x")', '+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '|calc', '%x'])(
  'a spreadsheet takes %j for text, not for a formula',
  async (text) => {
    const [stored] = await storedOf(factsOf({ who: { ...factsOf().who, client: text } }));
    if (stored === undefined) throw new TypeError('it was just written');
    const client = cellsOf(exportLine('csv', stored, '1.2.3'))[exportHead('csv').trimEnd().split(',').indexOf('client')];
    expect(client).toBe(`'${text}`);
  },
);

test('OCSF: an event of the class API Activity with what it requires', async () => {
  const [event] = await eventsOf('ocsf', ended({ rowsHidden: 0, fieldsMasked: 0 }));
  expect(event).toMatchObject({
    category_uid: 6,
    class_uid: 6003,
    activity_id: 2,
    type_uid: 600_302,
    severity_id: 1,
    status_id: 1,
    time: Date.UTC(2026, 0, 2, 3, 4, 5),
    message: outcomeOf().sentence,
    metadata: {
      version: '1.9.0',
      product: { name: 'Trunkline', vendor_name: 'Trunkline', version: '1.2.3' },
      profiles: ['security_control', 'ai_operation'],
      correlation_uid: 'c1',
      sequence: 1,
      tenant_uid: 'acme',
    },
    actor: { user: { uid: 'ag_support', name: 'Support Agent', type_id: 4 } },
    ai_agent: { uid: 'ag_support', name: 'Support Agent' },
    api: {
      operation: 'calls.list',
      service: { name: 'Aircall' },
      request: { uid: 'c1' },
      response: { code: 200 },
      group: { name: 'calls' },
    },
    src_endpoint: { name: '10.0.0' },
    http_request: { http_method: 'GET', url: { path: '/v1/calls' } },
    action_id: 1,
    disposition_id: 1,
    policy: { uid: 'calls:read', name: 'Calls is set to Read', version: 'a'.repeat(64) },
  });
});

test.each<[what: string, facts: AuditFacts, expected: object]>([
  ['let through', factsOf(), { action_id: 1, disposition_id: 1, status_id: 99 }],
  ['let through after an approval', decided({ approvalId: 'AP-1' }), { action_id: 1, disposition_id: 8 }],
  [
    'denied',
    decided({ effect: 'deny', code: 'not_granted' }),
    { action_id: 2, disposition_id: 2, status_id: 2, status_code: 'not_granted' },
  ],
  ['malformed', decided({ effect: 'deny', code: 'invalid_request' }), { action_id: 2, disposition_id: 25 }],
  ['waiting for a person', decided({ effect: 'needs_approval' }), { action_id: 2, disposition_id: 14, status_id: 2 }],
  ['waiting for a confirmation', decided({ effect: 'needs_confirm' }), { action_id: 2, disposition_id: 23, status_id: 2 }],
  ['an error of ours', decided({ effect: 'error' }), { action_id: 2, disposition_id: 27, status_id: 2 }],
  ['many alike', decided({ effect: 'deny', times: 12 }), { count: 12 }],
  [
    'an unknown key',
    factsOf({ phase: 'auth', decision: null, who: { ...factsOf().who, agent: null } }),
    { action_id: 2, disposition_id: 26, status_id: 2 },
  ],
  ['rows taken out', ended({ rowsHidden: 1, fieldsMasked: 0 }), { action_id: 4, disposition_id: 1, status_id: 1 }],
  ['hidden whole', ended({ status: 'hidden' }), { action_id: 2, disposition_id: 2, status_id: 2 }],
  ['withheld', ended({ status: 'withheld' }), { action_id: 2, disposition_id: 6, status_id: 2 }],
  ['no turn on the budget', ended({ status: 'budget_exhausted' }), { action_id: 2, disposition_id: 25, status_id: 2 }],
  ['refused by Aircall', ended({ status: 'upstream_error', upstreamStatus: 422 }), { action_id: 1, disposition_id: 27, status_id: 2 }],
  ['a plan', ended({ status: 'dry_run' }), { action_id: 99, disposition_id: 17, status_id: 1 }],
  [
    'a change at the desk',
    factsOf({ phase: 'admin', decision: null, what: { ...factsOf().what, effect: null }, change: { before: null, after: 1 } }),
    { activity_id: 3, status_id: 1 },
  ],
  ['a deletion', factsOf({ what: { ...factsOf().what, effect: 'delete' } }), { activity_id: 4, type_uid: 600_304 }],
  ['a message', factsOf({ what: { ...factsOf().what, effect: 'egress' } }), { activity_id: 99, type_uid: 600_399 }],
])('OCSF: %s', async (_what, facts, expected) => {
  const [event] = await eventsOf('ocsf', facts);
  expect(event).toMatchObject(expected);
});

test('CloudEvents: what the specification requires, and the record whole', async () => {
  const [event] = await eventsOf('cloudevents', factsOf());
  expect(event).toMatchObject({
    specversion: '1.0',
    source: '/trunkline/acme/audit',
    type: 'trunkline.audit.intent.v1',
    subject: 'c1',
    time: '2026-01-02T03:04:05.000Z',
    sequence: '0000000000000001',
    datacontenttype: 'application/json',
    data: { ...factsOf(), seq: 1 },
  });
  expect(event?.['id']).toMatch(/^[0-9A-Z]{26}$/);
});

/** RFC 4180. */
function cellsOf(line: string): readonly string[] {
  const cells: string[] = [];
  for (const [, quoted, bare] of line.replace(/\r\n$/, '').matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)) {
    cells.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'));
  }
  return cells;
}
