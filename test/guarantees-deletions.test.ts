// Absence is deletion only when it is proven, and very many deletions at once wait for a person's word.
import { expect, test } from 'vitest';
import { Dice } from './support/dice.ts';
import { type Lab, openLab } from './support/lab.ts';

type Removable = 'contacts' | 'users' | 'tags';

/** Removes the first so many records at Aircall, and tells their keys. */
function removeSome(lab: Lab, kind: Removable, count: number): readonly string[] {
  const collection = lab.simulator.company[kind];
  const keys = [...collection.all()].map(({ id }) => id).slice(0, count);
  for (const key of keys) collection.remove(key);
  return keys.map(String);
}

function marked(lab: Lab, stream: string): readonly string[] {
  return [...lab.memory.rows(stream)].filter(([, row]) => row['_deleted_at'] !== null).map(([key]) => key);
}

function requestsTo(lab: Lab, endpoint: string): number {
  return lab.simulator.requests.entries.filter((entry) => entry.endpoint === endpoint).length;
}

const sweep = { sweep: true };

test('a user who is gone is asked for once more, and marked', async () => {
  const lab = await openLab({ inMemory: true });
  await lab.run({ streams: ['users'] });
  const gone = removeSome(lab, 'users', 2);
  const result = await lab.run({ streams: ['users'] });
  expect(result.streams[0]).toMatchObject({ outcome: 'done', deleted: 2 });
  expect(marked(lab, 'users')).toEqual(gone);
  // And one who is there, to see that 404 means something.
  expect(requestsTo(lab, 'users.retrieve')).toBe(3);
  expect(await lab.differences({ streams: ['users'] })).toEqual([]);
});

test('contacts that are gone are noticed by a sweep, and only by a sweep', async () => {
  const lab = await openLab({ inMemory: true });
  await lab.run({ streams: ['contacts'] });
  const gone = removeSome(lab, 'contacts', 5);
  await lab.run({ streams: ['contacts'] });
  expect(marked(lab, 'contacts')).toEqual([]);
  expect((await lab.run({ streams: ['contacts'], ...sweep })).streams[0]).toMatchObject({ outcome: 'done', deleted: 5 });
  expect(marked(lab, 'contacts')).toEqual(gone);
  expect(requestsTo(lab, 'contacts.retrieve')).toBe(6);
});

test('when the count of contacts shrinks, a sweep comes within a day, else within a week', async () => {
  const shrunk = await openLab({ inMemory: true });
  await shrunk.run({ streams: ['contacts'] });
  const gone = removeSome(shrunk, 'contacts', 3);
  await shrunk.pass(3600);
  await shrunk.run({ streams: ['contacts'] });
  expect(marked(shrunk, 'contacts')).toEqual([]);
  await shrunk.pass(24 * 3600);
  await shrunk.run({ streams: ['contacts'] });
  expect(marked(shrunk, 'contacts')).toEqual(gone);

  // One came for each that went: the count does not tell.
  const balanced = await openLab({ inMemory: true });
  await balanced.run({ streams: ['contacts'] });
  const [lost] = removeSome(balanced, 'contacts', 1);
  balanced.simulator.company.contacts.add({ firstName: 'New', createdAt: balanced.simulator.company.now() - 1 });
  await balanced.pass(7 * 24 * 3600);
  await balanced.run({ streams: ['contacts'] });
  expect(marked(balanced, 'contacts')).toEqual([lost]);
});

test('up to 50 absent rows are asked for one by one, more are looked for in a second listing', async () => {
  const few = await openLab({ inMemory: true, simulator: { contacts: 400 } });
  await few.run({ streams: ['contacts'] });
  removeSome(few, 'contacts', 50);
  expect((await few.run({ streams: ['contacts'], ...sweep })).streams[0]).toMatchObject({ outcome: 'done', deleted: 50 });
  expect(requestsTo(few, 'contacts.retrieve')).toBe(51);

  const many = await openLab({ inMemory: true, simulator: { contacts: 400 } });
  await many.run({ streams: ['contacts'] });
  removeSome(many, 'contacts', 60);
  const before = requestsTo(many, 'contacts.list');
  expect((await many.run({ streams: ['contacts'], ...sweep })).streams[0]).toMatchObject({ outcome: 'done', deleted: 60 });
  // Ten of them are asked for all the same, and one who is there.
  expect(requestsTo(many, 'contacts.retrieve')).toBe(11);
  // The changes, the sweep, and the second look.
  expect(requestsTo(many, 'contacts.list') - before).toBeGreaterThanOrEqual(1 + 7 + 7);
  expect(requestsTo(many, 'contacts.list') - before).toBeLessThan(20);
  expect(await many.differences({ streams: ['contacts'] })).toEqual([]);
});

test.for<[Removable, number]>([
  ['users', 30],
  ['contacts', 120],
])('more than 10 rows and more than a fifth of all %s are held until somebody confirms', async ([stream, all]) => {
  const lab = await openLab({ inMemory: true, simulator: { [stream]: all } });
  const streams = [stream];
  await lab.run({ streams });
  const share = Math.floor(all / 5);
  const gone = removeSome(lab, stream, Math.max(11, share + 1));
  for (const change of [sweep, {}, sweep, { confirmed: true }]) {
    const held = await lab.run({ streams, ...change });
    expect([held.outcome, held.streams[0]?.outcome]).toEqual(['incomplete', 'incomplete']);
    expect(held.streams[0]?.messages[0]).toContain(`trunkline sync ${stream} --sweep --yes`);
    expect(marked(lab, stream)).toEqual([]);
    await lab.pass(60);
  }
  expect((await lab.run({ streams, ...sweep, confirmed: true })).outcome).toBe('done');
  expect(marked(lab, stream).toSorted()).toEqual([...gone].toSorted());
  expect((await lab.run({ streams })).outcome).toBe('done');
});

test.for<[Removable, number, number]>([
  ['users', 30, 10],
  ['contacts', 120, 10],
  ['contacts', 300, 59],
])('few enough deletions are not held: of %s, %i, of which %i go', async ([stream, all, count]) => {
  const lab = await openLab({ inMemory: true, simulator: { [stream]: all } });
  await lab.run({ streams: [stream] });
  const gone = removeSome(lab, stream, count);
  expect((await lab.run({ streams: [stream], ...sweep })).outcome).toBe('done');
  expect(marked(lab, stream).toSorted()).toEqual([...gone].toSorted());
});

test('held deletions are let go of when the rows turn out to be there', async () => {
  const lab = await openLab({ inMemory: true, simulator: { users: 30 } });
  await lab.run({ streams: ['users'] });
  const restore = lab.simulator.faults.always(
    { endpoint: 'users.list' },
    {
      kind: 'replace',
      with: (answer) => {
        const body = JSON.parse(Buffer.from(answer.body ?? '').toString()) as { users: unknown[]; meta: { total: number } };
        return { ...answer, body: JSON.stringify({ users: body.users.slice(15), meta: { ...body.meta, total: 15 } }) };
      },
    },
  );
  // Each is asked for, and each is there: nothing is held, nothing is marked.
  expect((await lab.run({ streams: ['users'], ...sweep, confirmed: true })).outcome).toBe('done');
  expect(marked(lab, 'users')).toEqual([]);
  restore();
  expect((await lab.run({ streams: ['users'] })).outcome).toBe('done');
  expect(await lab.differences({ streams: ['users'] })).toEqual([]);
});

test.for<Removable>(['users', 'contacts'])(
  'a list of %s that hides other rows every time, and counts without them, deletes nothing',
  async (stream) => {
    const lab = await openLab({ inMemory: true, simulator: { [stream]: 400 } });
    await lab.run({ streams: [stream] });
    const dice = new Dice(7);
    lab.simulator.faults.always(
      { endpoint: `${stream}.list` },
      {
        kind: 'replace',
        with: (answer) => {
          const body = JSON.parse(Buffer.from(answer.body ?? '').toString()) as Record<string, unknown[]> & { meta: { total: number } };
          const left = body[stream]?.filter(() => dice.chance(0.7)) ?? [];
          return { ...answer, body: JSON.stringify({ [stream]: left, meta: { ...body.meta, total: left.length } }) };
        },
      },
    );
    for (let run = 0; run < 5; run += 1) {
      await lab.run({ streams: [stream], ...sweep, confirmed: true });
      expect(marked(lab, stream)).toEqual([]);
      await lab.pass(60);
    }
  },
);

test('a list that keeps hiding the same many rows, and counts without them, deletes nothing', async () => {
  const lab = await openLab({ inMemory: true, simulator: { users: 400 } });
  await lab.run({ streams: ['users'] });
  lab.simulator.faults.always(
    { endpoint: 'users.list' },
    {
      kind: 'replace',
      with: (answer) => {
        const body = JSON.parse(Buffer.from(answer.body ?? '').toString()) as { users: { id: number }[]; meta: { total: number } };
        const users = body.users.filter(({ id }) => id % 5 !== 0);
        return { ...answer, body: JSON.stringify({ users, meta: { ...body.meta, total: 320 } }) };
      },
    },
  );
  await lab.run({ streams: ['users'], ...sweep, confirmed: true });
  expect(marked(lab, 'users')).toEqual([]);
});

test('404 for everything, also for what is there, deletes nothing', async () => {
  const lab = await openLab({ inMemory: true });
  await lab.run();
  lab.simulator.faults.always({ where: ({ path }) => /^\/v\d\/\w+\/[^/]+$/.test(path) }, { kind: 'status', status: 404, body: 'edge' });
  removeSome(lab, 'users', 1);
  removeSome(lab, 'contacts', 3);
  const alive = [...lab.simulator.company.users.all()][0]!;
  lab.simulator.faults.always(
    { endpoint: 'users.list' },
    {
      kind: 'replace',
      with: (answer) => {
        const body = JSON.parse(Buffer.from(answer.body ?? '').toString()) as { users: { id: number }[]; meta: { total: number } };
        const users = body.users.filter(({ id }) => id !== alive.id);
        return { ...answer, body: JSON.stringify({ users, meta: { ...body.meta, total: users.length } }) };
      },
    },
  );
  await lab.run({ ...sweep, confirmed: true });
  expect(marked(lab, 'users')).not.toContain(String(alive.id));
});

test('a contact that is not among those retrievable one by one because Aircall fails is not marked', async () => {
  const lab = await openLab({ inMemory: true, client: { retry: { attempts: 2 } } });
  await lab.run({ streams: ['contacts'] });
  const gone = removeSome(lab, 'contacts', 3);
  lab.simulator.faults.always({ endpoint: 'contacts.retrieve' }, { kind: 'status', status: 500 });
  await lab.run({ streams: ['contacts'], ...sweep });
  expect(marked(lab, 'contacts')).toEqual([]);
  lab.simulator.faults.clear();
  await lab.run({ streams: ['contacts'], ...sweep });
  expect(marked(lab, 'contacts')).toEqual(gone);
});

test('a row that came with a failed run and went before the next one is marked', async () => {
  const lab = await openLab({ inMemory: true, simulator: { tags: 120 }, client: { retry: { attempts: 2 } } });
  lab.simulator.faults.always({ endpoint: 'tags.list', page: 3 }, { kind: 'status', status: 500 });
  expect((await lab.run({ streams: ['tags'] })).outcome).toBe('incomplete');
  expect(lab.memory.rows('tags').size).toBe(100);
  lab.simulator.faults.clear();
  const gone = removeSome(lab, 'tags', 10).slice(-1);
  expect((await lab.run({ streams: ['tags'] })).outcome).toBe('done');
  expect(marked(lab, 'tags')).toEqual(expect.arrayContaining([...gone]));
  expect(await lab.differences({ streams: ['tags'] })).toEqual([]);
});

test('removing instead of marking takes the children along', async () => {
  const lab = await openLab({ inMemory: true });
  await lab.run({ streams: ['contacts'] });
  const gone = removeSome(lab, 'contacts', 5);
  await lab.run({ streams: ['contacts'], ...sweep, deletions: 'remove' });
  for (const key of gone) {
    expect(lab.memory.rows('contacts').has(key)).toBe(false);
    expect(lab.memory.childRows('contacts__phone_numbers').has(key)).toBe(false);
  }
  expect(await lab.differences({ streams: ['contacts'] })).toEqual([]);
});

test('a sweep goes on where an interrupted one stopped', async () => {
  const lab = await openLab({ inMemory: true, simulator: { contacts: 12_000 } });
  await lab.run({ streams: ['contacts'] });
  const gone = [...removeSome(lab, 'contacts', 3)];
  const calledOff = new AbortController();
  let pages = 0;
  const stop = lab.simulator.faults.choose({ endpoint: 'contacts.list', where: ({ query }) => !query.includes('updated_at') }, () => {
    pages += 1;
    if (pages === 215) calledOff.abort();
    return undefined;
  });
  expect((await lab.run({ streams: ['contacts'], ...sweep, signal: calledOff.signal })).outcome).toBe('interrupted');
  stop();
  const position = (lab.memory.content.states['contacts']?.['sweep'] as { position: number } | null)?.position ?? 0;
  expect(position).toBeGreaterThan(0);

  const before = requestsTo(lab, 'contacts.list');
  expect((await lab.run({ streams: ['contacts'] })).outcome).toBe('done');
  // What had been swept is not listed again.
  expect(requestsTo(lab, 'contacts.list') - before).toBeLessThan(80);
  expect(marked(lab, 'contacts').toSorted()).toEqual(gone.toSorted());
});

test('a sweep that could not prove all of it is due again after a day', async () => {
  const lab = await openLab({ inMemory: true });
  await lab.run({ streams: ['contacts'] });
  const [hidden, gone] = [...lab.simulator.company.contacts.all()].slice(50, 52);
  lab.simulator.company.contacts.remove(gone!.id);
  lab.simulator.faults.always(
    { endpoint: 'contacts.list' },
    {
      kind: 'replace',
      with: (answer) => {
        const body = JSON.parse(Buffer.from(answer.body ?? '').toString()) as { contacts?: { id: number }[] };
        return { ...answer, body: JSON.stringify({ ...body, contacts: body.contacts?.filter(({ id }) => id !== hidden!.id) }) };
      },
    },
  );
  expect((await lab.run({ streams: ['contacts'], ...sweep })).outcome).toBe('incomplete');
  expect(marked(lab, 'contacts')).toEqual([]);
  lab.simulator.faults.clear();
  await lab.pass(25 * 3600);
  expect((await lab.run({ streams: ['contacts'] })).outcome).toBe('done');
  expect(marked(lab, 'contacts')).toEqual([String(gone!.id)]);
});
