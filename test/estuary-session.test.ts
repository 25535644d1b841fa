// Sessions of the Estuary Flow capture: what is captured, how it goes on, and how it ends.
import { expect, test } from 'vitest';
import { FakeClock } from './support/fake-clock.ts';
import { openCapture } from './support/flow-capture.ts';
import { openLab } from './support/lab.ts';
import { type Binding, type Document, type Seen, stateKeyOf } from './support/flow-runtime.ts';

const none: readonly string[] = [];
const day = 24 * 3600;
const endless = { run_once: false };
/** Everything is due to be read again, every time. */
const rereadAll = { reread: [{ name: 'everything', span: 'all', every: 'PT1S' }] };

const documentsOf = (seen: Seen, name: string): readonly Document[] => seen.byName.get(name) ?? [];
const opOf = (document: Document) => (document['_meta'] as Document)['op'];

test('a first session captures all there is, and the next one only what changed', async () => {
  const { simulator, runtime, differences } = await openCapture({ simulator: { embedding: 'as-created' } });
  await runtime.publish();
  const first = await runtime.session();
  expect(first.code).toBe(0);
  expect(differences()).toEqual(none);
  const [user] = simulator.company.users.all();
  simulator.company.users.update(user!.id, { name: 'Another Name' });
  const second = await runtime.session();
  expect(documentsOf(second.seen, 'users')).toHaveLength(1);
  expect(second.seen.documents).toBeLessThan(20);
  expect(differences()).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

test('what is gone at Aircall is a tombstone: short lists at once, contacts with the next sweep', async () => {
  const { simulator, runtime, differences } = await openCapture();
  const { company } = simulator;
  await runtime.publish();
  await runtime.session();
  const [tag] = company.tags.all();
  company.tags.remove(tag!.id);
  const [team] = company.teams.all();
  company.teams.remove(team!.id);
  const contacts = [...company.contacts.all()].slice(0, 3).map(({ id }) => id);
  for (const id of contacts) company.contacts.remove(id);

  const next = await runtime.session();
  expect(documentsOf(next.seen, 'tags')).toEqual([{ id: tag!.id, _meta: { op: 'd' } }]);
  expect(documentsOf(next.seen, 'teams')).toEqual([{ id: team!.id, _meta: { op: 'd' } }]);
  company.advance(8 * day);
  const swept = await runtime.session();
  expect(documentsOf(swept.seen, 'contacts').filter((document) => opOf(document) === 'd')).toEqual(
    expect.arrayContaining(contacts.map((id) => ({ id, _meta: { op: 'd' } }))),
  );
  expect(differences({ streams: ['tags', 'teams', 'users', 'contacts'] })).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

test('very many deletions at once are held, and believed as soon as they are confirmed', async () => {
  const { simulator, runtime, differences } = await openCapture({ simulator: { tags: 60 } });
  await runtime.publish({ names: ['tags'] });
  await runtime.session();
  const { count } = simulator.company.tags;
  for (const { id } of [...simulator.company.tags.all()].slice(0, 44)) simulator.company.tags.remove(id);
  const held = await runtime.session();
  expect(documentsOf(held.seen, 'tags')).toEqual([]);
  expect(held.log.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    expect.stringMatching(new RegExp(`44 of ${count} rows are no longer listed.*confirm_deletions`, 'u')),
  ]);
  runtime.config = { ...runtime.config, advanced: { ...(runtime.config['advanced'] as object), confirm_deletions: true } };
  const believed = await runtime.session();
  expect(documentsOf(believed.seen, 'tags')).toHaveLength(44);
  expect(differences({ streams: ['tags'] })).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

test('stdin that is closed right after open ends nothing', async () => {
  const { runtime, differences } = await openCapture();
  await runtime.publish();
  const { code } = await runtime.session({ closesInput: true, isProcess: true });
  expect(code).toBe(0);
  expect(differences()).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

test('without a binding it idles until it is told to end', async () => {
  const { runtime } = await openCapture({ advanced: endless });
  const live = runtime.begin({ bindings: [], isProcess: true });
  await live.when(({ messages }) => messages === 2);
  live.connector.kill('SIGTERM');
  const { code, seen } = await live.ended;
  expect([code, seen.messages]).toEqual([0, 2]);
  expect(runtime.violations).toEqual(none);
});

test('bindings may change their order, go, come, come back and be backfilled between sessions', async () => {
  const { simulator, runtime, differences } = await openCapture({ simulator: { embedding: 'as-created' } });
  await runtime.publish();
  const all = runtime.bindings;
  const without = (...names: readonly string[]) => all.filter(({ name }) => !names.includes(name));
  await runtime.session({ bindings: without('tags', 'calls') });
  const reordered = await runtime.session({ bindings: without('users').toReversed() });
  expect(documentsOf(reordered.seen, 'tags').length).toBe(simulator.company.tags.count);
  expect(documentsOf(reordered.seen, 'contacts')).toEqual([]);
  const [team] = simulator.company.teams.all();
  simulator.company.teams.update(team!.id, { name: 'Another Team' });
  const again = all.map((binding): Binding => (binding.name === 'contacts' ? { ...binding, backfill: 1 } : binding));
  const last = await runtime.session({ bindings: again });
  expect(documentsOf(last.seen, 'contacts')).toHaveLength(simulator.company.contacts.count);
  expect(documentsOf(last.seen, 'users')).toEqual([]);
  expect(documentsOf(last.seen, 'teams')).toHaveLength(1);
  expect(Object.keys(runtime.state['bindingStateV1'] as Document)).toEqual(
    expect.arrayContaining([stateKeyOf('contacts', 0), stateKeyOf('contacts', 1)]),
  );
  expect(differences()).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

test('an endless session reads every interval, sends what changed and nothing else, and ends with SIGTERM', async () => {
  const clock = new FakeClock();
  const { simulator, runtime, differences } = await openCapture({
    simulator: { clock, embedding: 'as-created' },
    advanced: endless,
  });
  await runtime.publish({ interval: 'PT1M' });
  const live = runtime.begin({ clock });
  await live.when(isBackfilled(runtime));
  const { documents } = live.seen;
  for (let round = 1; round <= 3; round += 1) {
    const tag = [...simulator.company.tags.all()].at(-1);
    simulator.company.tags.update(tag!.id, { description: `Description ${round}` });
    await clock.advance(60_000);
    await live.when((seen) => documentsOf(seen, 'tags').at(-1)?.['description'] === `Description ${round}`);
  }
  expect(live.seen.documents).toBe(documents + 3);
  live.connector.kill('SIGTERM');
  expect((await live.ended).code).toBe(0);
  expect(differences()).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

/** Every binding has been read once. */
function isBackfilled(runtime: { readonly state: Document; readonly bindings: readonly Binding[] }): () => boolean {
  return () => {
    const entries = Object.values((runtime.state['bindingStateV1'] ?? {}) as Readonly<Record<string, Document>>);
    return entries.length === runtime.bindings.length && entries.every((entry) => !('backfill' in entry));
  };
}

test('while the history is still being read, a call that begins is captured within its interval', async () => {
  const clock = new FakeClock();
  const { simulator, runtime, differences } = await openCapture({
    simulator: { clock, calls: 1500 },
    advanced: endless,
  });
  await runtime.publish({ names: ['calls'], interval: 'PT1M' });
  let newcomer: number | null = null;
  let seenAt = 0;
  // The interval has passed by the time the oldest part of the history is proven complete.
  simulator.faults.choose({ endpoint: 'calls.list' }, () => {
    if (newcomer === null) {
      newcomer = simulator.company.calls.add({ startedAt: simulator.company.now() - 60 }).id;
      void clock.advance(90_000);
    }
    return undefined;
  });
  const live = runtime.begin({
    clock,
    until: () => {
      const calls = runtime.documents('calls');
      if (seenAt === 0 && newcomer !== null && calls.has(String(newcomer))) seenAt = calls.size;
      return isBackfilled(runtime)();
    },
  });
  expect((await live.ended).code).toBe(0);
  expect(seenAt).toBeGreaterThan(0);
  expect(seenAt).toBeLessThan(700);
  expect(differences({ streams: ['calls'] })).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

test('it ends by itself when it is time to be started afresh', async () => {
  const clock = new FakeClock();
  const { simulator, runtime } = await openCapture({ simulator: { clock, calls: 0 }, advanced: { ...endless, restart_after: 'PT10M' } });
  await runtime.publish({ interval: 'PT1M' });
  const live = runtime.begin({ clock });
  await live.when(isBackfilled(runtime));
  const { count } = simulator.requests;
  await clock.advance(9 * 60_000);
  await clock.advance(60_000);
  expect((await live.ended).code).toBe(0);
  expect(simulator.requests.count).toBeGreaterThan(count);
  expect(runtime.violations).toEqual(none);
});

test('calls are read again as the schedule of the configuration says', async () => {
  const { simulator, runtime, differences } = await openCapture({ advanced: rereadAll });
  await runtime.publish({ names: ['calls'] });
  await runtime.session();
  const [old] = simulator.company.calls.all();
  simulator.company.calls.update(old!.id, { archived: !old!.archived });
  simulator.company.advance(10);
  const again = await runtime.session();
  expect(documentsOf(again.seen, 'calls').map(({ id }) => id)).toContain(old!.id);
  expect(differences({ streams: ['calls'] })).toEqual(none);

  const never = await openCapture({ advanced: { reread: [] } });
  await never.runtime.publish({ names: ['calls'] });
  await never.runtime.session();
  never.simulator.company.calls.update(old!.id, { archived: !old!.archived });
  never.simulator.company.advance(10 * day);
  const nothing = await never.runtime.session();
  expect(documentsOf(nothing.seen, 'calls').map(({ id }) => id)).not.toContain(old!.id);
  expect([...runtime.violations, ...never.runtime.violations]).toEqual(none);
});

test('calls before the start date are not captured, and an earlier date adds them without a backfill', async () => {
  const { simulator, runtime, differences } = await openCapture();
  const middle = simulator.company.now() - 60 * day;
  runtime.config = { ...runtime.config, start_date: new Date(middle * 1000).toISOString() };
  await runtime.publish({ names: ['calls'] });
  await runtime.session();
  const started = [...runtime.documents('calls').values()].map((call) => Date.parse(String(call['started_at'])) / 1000);
  expect(started.length).toBeGreaterThan(20);
  expect(Math.min(...started)).toBeGreaterThanOrEqual(middle);
  const { start_date: _startDate, ...withoutDate } = runtime.config;
  runtime.config = withoutDate;
  await runtime.session();
  expect(differences({ streams: ['calls'] })).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

test('a value that does not fit is in the document’s _meta, and nothing of a secret or a signed link is anywhere', async () => {
  const { simulator, runtime, secrets } = await openCapture();
  simulator.faults.always(
    { endpoint: 'tags.list' },
    {
      kind: 'fields',
      fields: {
        color: { not: 'a color' },
        access_token: 'a-secret-of-somebody',
        note: `see ${secrets[1]}`,
        _meta: { mine: true },
        nul: 'a\u0000b',
      },
    },
  );
  await runtime.publish();
  const { log } = await runtime.session();
  const [tag] = runtime.documents('tags').values();
  expect(tag).toMatchObject({
    _meta: {
      op: 'u',
      set_aside: [
        expect.objectContaining({ field: 'tags.color', value: '{"not":"a color"}' }),
        expect.objectContaining({ field: 'tags.nul' }),
      ],
    },
    aircall_meta: { mine: true },
  });
  expect(tag).not.toHaveProperty('color');
  expect(log.filter(({ level }) => level === 'warn')).toEqual([expect.objectContaining({ resource: 'tags' })]);
  for (const secret of [...secrets, 'a-secret-of-somebody']) expect(runtime.output).not.toContain(secret);
  for (const { token } of simulator.company.webhooks.all()) expect(runtime.output).not.toContain(token);
  expect(runtime.output).not.toMatch(/X-Amz-Signature|Signature=/i);
  expect(runtime.violations).toEqual(none);
});

test('a record without a key is left out and told of, and the others are captured', async () => {
  const { simulator, runtime } = await openCapture({ simulator: { tags: 3 } });
  simulator.faults.next({ endpoint: 'tags.list' }, { kind: 'fields', fields: { id: null } });
  await runtime.publish({ names: ['tags', 'teams'] });
  const { log } = await runtime.session();
  expect(log.filter(({ level }) => level === 'warn').length).toBeGreaterThan(0);
  expect(log.map(({ message }) => message)).toContain('A record was left out: there can be no document without its key.');
  expect(runtime.documents('teams').size).toBe(simulator.company.teams.count);
  expect(runtime.violations).toEqual(none);
});

test('a resource that fails waits and tries again while the others go on, and says so', async () => {
  const clock = new FakeClock();
  const { simulator, runtime, differences } = await openCapture({ simulator: { clock }, advanced: endless });
  await runtime.publish({ interval: 'PT5M' });
  const mend = simulator.faults.always({ endpoint: 'teams.list' }, { kind: 'status', status: 500 });
  const live = runtime.begin({ clock });
  const others = () => (runtime.documents('calls').size > 0 ? runtime.documents('contacts').size > 0 : false);
  await live.when(others);
  while (!live.connector.log().includes('waits to be read again')) await clock.advance(1000);
  mend();
  while (runtime.documents('teams').size === 0) await clock.advance(1000);
  await live.when(isBackfilled(runtime));
  live.connector.kill('SIGTERM');
  const { code, log } = await live.ended;
  expect(code).toBe(0);
  const told = log.filter(({ eventType }) => eventType === 'connectorStatus').map(({ message }) => message);
  expect(told).toContainEqual(expect.stringMatching(/^teams waits to be read again: /));
  expect(told.at(-1)).toBe('Capturing changes of 9 resources');
  expect(differences()).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

test('a resource that makes no progress for an hour ends the task with its name and the reason', async () => {
  const clock = new FakeClock();
  const { simulator, runtime } = await openCapture({ simulator: { clock }, advanced: endless });
  await runtime.publish();
  simulator.faults.always({ endpoint: 'teams.list' }, { kind: 'status', status: 503 });
  const live = runtime.begin({ clock });
  let isOver = false;
  void live.ended.then(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(5000);
  const { code, log } = await live.ended;
  expect(code).toBe(1);
  expect(log.at(-1)).toMatchObject({ level: 'error', message: expect.stringMatching(/^teams: /) });
  expect(runtime.documents('tags').size).toBe(simulator.company.tags.count);
  expect(runtime.violations).toEqual(none);
});

test('a credential that is revoked while it runs ends the task, with what was captured before kept', async () => {
  const clock = new FakeClock();
  const { simulator, runtime, differences } = await openCapture({ simulator: { clock }, advanced: endless });
  await runtime.publish({ interval: 'PT1M' });
  const live = runtime.begin({ clock });
  await live.when(isBackfilled(runtime));
  simulator.faults.always({}, { kind: 'status', status: 401 });
  await clock.advance(60_000);
  const { code, log } = await live.ended;
  expect(code).toBe(3);
  expect(log.at(-1)).toMatchObject({ level: 'error', code: 'credential_refused' });
  expect(differences()).toEqual(none);
  expect(runtime.violations).toEqual(none);
});

test('acknowledgements that nobody asked for are counted, and one that cannot be ends the task', async () => {
  const { runtime, differences } = await openCapture();
  await runtime.publish();
  let next = 0;
  const folded = await runtime.session({ acknowledges: true, fold: () => (next = (next % 5) + 1) });
  expect(folded.code).toBe(0);
  expect(folded.seen.commits).toBeLessThan(folded.seen.checkpoints);
  expect(differences()).toEqual(none);
  for (const checkpoints of [0, 1000]) {
    const { simulator, runtime: other } = await openCapture({ advanced: endless });
    await other.publish();
    const live = other.begin();
    await live.when(isBackfilled(other));
    live.connector.write(`${JSON.stringify({ acknowledge: { checkpoints } })}\n`);
    const { code, log } = await live.ended;
    expect(code).toBe(1);
    expect(log.at(-1)?.message).toMatch(new RegExp(`acknowledges ${checkpoints} checkpoints`, 'u'));
    expect(other.documents('calls').size).toBe(simulator.company.calls.count);
    expect(other.violations).toEqual(none);
  }
  expect(runtime.violations).toEqual(none);
});

test('a request that has no place in a session ends it in good order', async () => {
  const { runtime } = await openCapture({ advanced: endless });
  await runtime.publish();
  const live = runtime.begin();
  await live.when(({ checkpoints }) => checkpoints > 3);
  live.connector.write(`${JSON.stringify({ discover: {} })}\n`);
  const { code, log } = await live.ended;
  expect(code).toBe(1);
  expect(log.at(-1)?.message).toBe('The runtime sends discover while a session is open.');
  expect(runtime.violations).toEqual(none);
});

test('a first and a quiet session cost exactly as many requests as sync', async () => {
  const company = { seed: 9, calls: 730, contacts: 160, tags: 70, openCalls: 2, switches: { sameSecondOrder: 'byId' } } as const;
  const lab = await openLab({ inMemory: true, simulator: company });
  const clock = new FakeClock();
  const { simulator, runtime } = await openCapture({ simulator: { ...company, clock } });
  await runtime.publish();
  for (const round of ['first', 'quiet']) {
    const { requests } = await lab.run();
    simulator.requests.clear();
    const { code } = await runtime.session({ clock });
    expect([round, code, simulator.requests.count]).toEqual([round, 0, requests]);
  }
  expect(runtime.violations).toEqual(none);
});

test('the users of numbers are asked for when the configuration says so', async () => {
  const { simulator, runtime } = await openCapture({ advanced: { number_users: true } });
  await runtime.publish({ names: ['numbers'] });
  await runtime.session();
  const [number] = runtime.documents('numbers').values();
  expect(number).toHaveProperty('users');
  expect(simulator.requests.entries.filter(({ endpoint }) => endpoint === 'numbers.retrieve')).toHaveLength(
    simulator.company.numbers.count,
  );
  expect(runtime.violations).toEqual(none);
});

test('what costs a request for each call is asked for once for each, and a product that is not in the plan is told of once', async () => {
  const { simulator, runtime } = await openCapture({ simulator: { calls: 200, missingProducts: ['AI Assist Pro'] } });
  const discovered = await runtime.discover();
  const names = ['transcriptions', 'summaries', 'playbook_results', 'evaluations'];
  await runtime.publish({ names });
  const first = await runtime.session();
  expect(first.code).toBe(0);
  const asked = (name: string) => documentsOf(first.seen, name);
  const now = simulator.company.now();
  const talked = [...simulator.truth({ streams: ['calls'] }).calls.values()].filter((call) => {
    const [answered, ended] = [Number(call['answered_at'] ?? Infinity), Number(call['ended_at'] ?? Infinity)];
    return ended - answered >= 10 && ended <= now - 600;
  });
  expect(
    asked('transcriptions')
      .map((document) => String(document['call_id']))
      .toSorted(),
  ).toEqual(talked.map(({ id }) => String(id)).toSorted());
  expect(new Set(asked('transcriptions').map((document) => document['_status']))).toEqual(new Set(['ready', 'none']));
  expect(discovered.filter(({ recommendedName }) => names.includes(recommendedName)).every(({ disable }) => disable === true)).toBe(true);

  simulator.requests.clear();
  const second = await runtime.session();
  expect(second.seen.documents).toBe(0);
  expect(simulator.requests.entries.filter(({ path }) => /transcription|summary/.test(path))).toEqual([]);
  const off = first.log.filter(({ message }) => /not in this account.s plan/.test(message));
  expect(off.map(({ level, resource }) => `${level} ${String(resource)}`)).toEqual(
    expect.arrayContaining(['warn evaluations', 'warn playbook_results']),
  );
  expect(off).toHaveLength(2);
  expect(runtime.violations).toEqual(none);
});
