// Streams that cost a request for each call: asked when something may have become ready, and never more often.
import { expect, test } from 'vitest';
import type { CallState } from '../src/simulator/index.ts';
import { queryFile } from './support/compare.ts';
import { type Lab, openLab } from './support/lab.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Statuses that Aircall answered, in order, by the id of the call. */
function answers(lab: Lab, what = 'transcription'): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { path, status } of lab.simulator.requests.entries) {
    const id = new RegExp(`^/v1/calls/(\\d+)/${what}$`).exec(path)?.[1];
    if (id !== undefined) found.set(id, [...(found.get(id) ?? []), status]);
  }
  return found;
}

async function rows(lab: Lab, table = 'transcriptions'): Promise<ReadonlyMap<string, Record<string, unknown>>> {
  const all = await queryFile(
    lab.path,
    `SELECT call_id::VARCHAR AS id, _status AS status, _tries AS tries, epoch(_next_try_at)::BIGINT AS next, _deleted_at IS NOT NULL AS deleted
      FROM aircall_data.${table}`,
  );
  return new Map(
    all.map((row) => [String(row['id']), { ...row, next: row['next'] === null ? null : Number(row['next']), tries: Number(row['tries']) }]),
  );
}

/** Answered, long enough, and over for long enough. */
function isAskedFor({ status, answeredAt, endedAt }: CallState, now: number): boolean {
  return status === 'done' && answeredAt !== null && endedAt !== null && endedAt - answeredAt >= 10 && endedAt <= now - 10 * minute;
}

const both = { streams: ['calls', 'transcriptions'], confirmed: true };

test('every answered call of ten seconds or more is asked for once: ready where there is something, none where it is too late', async () => {
  const lab = await openLab({ simulator: { calls: 90 } });
  const { calls, now } = lab.simulator.company;
  expect((await lab.run(both)).outcome).toBe('done');
  const wanted = [...calls.all()].filter((call) => isAskedFor(call, now())).map(({ id }) => String(id));
  const asked = answers(lab);
  expect([...asked.keys()].toSorted()).toEqual(wanted.toSorted());
  const stored = await rows(lab);
  expect(stored.size).toBe(wanted.length);
  for (const [id, row] of stored) {
    expect(row).toMatchObject({ status: asked.get(id)?.[0] === 200 ? 'ready' : 'none', tries: 1, next: null, deleted: false });
  }
  expect([...stored.values()].map(({ status }) => status)).toEqual(expect.arrayContaining(['ready', 'none']));

  // Nothing is due: nothing is asked.
  await lab.pass(day);
  const before = lab.simulator.requests.count;
  await lab.run({ streams: ['transcriptions'], confirmed: true });
  expect(lab.simulator.requests.count - before).toBeLessThanOrEqual(1);
});

test.for<[string, string, readonly number[]]>([
  ['transcriptions', 'transcription', [10 * minute, hour, day]],
  ['evaluations', 'evaluations', [10 * minute, hour, day, 7 * day, 14 * day, 21 * day, 28 * day, 30 * day]],
])('%s that are not made yet are asked for again at the moments of the schedule, and then no more', async ([stream, what, schedule]) => {
  const lab = await openLab({ simulator: { calls: 0 } });
  const endedAt = lab.simulator.company.now();
  const { id } = lab.simulator.company.calls.add({ startedAt: endedAt - 90, answeredAt: endedAt - 80, endedAt });
  lab.simulator.faults.always({ path: `/v1/calls/${id}/${what}` }, { kind: 'status', status: 404 });
  const change = { streams: ['calls', stream], confirmed: true };
  let asked = 0;
  for (const [index, wait] of schedule.entries()) {
    // A little before it is due nothing happens, a little after it is asked for.
    await lab.pass(endedAt + wait - 5 - lab.simulator.company.now());
    await lab.run(index === 0 ? change : { ...change, streams: [stream] });
    expect(answers(lab, what).get(String(id))?.length ?? 0).toBe(asked);
    await lab.pass(10);
    await lab.run({ ...change, streams: [stream] });
    asked += 1;
    const next = schedule[index + 1];
    expect([index, answers(lab, what).get(String(id))?.length]).toEqual([index, asked]);
    expect((await rows(lab, stream)).get(String(id))).toMatchObject({
      status: next === undefined ? 'none' : 'pending',
      tries: asked,
      next: next === undefined ? null : endedAt + next,
    });
  }
  await lab.pass(40 * day);
  await lab.run({ ...change, streams: [stream] });
  expect(answers(lab, what).get(String(id))?.length).toBe(asked);
});

test('more than 50 requests are spent only with the consent of a person who was told the price', async () => {
  const lab = await openLab({ simulator: { calls: 150 } });
  await lab.run({ streams: ['calls'] });
  const wanted = [...lab.simulator.company.calls.all()].filter((call) => isAskedFor(call, lab.simulator.company.now())).length;
  expect(wanted).toBeGreaterThan(50);
  const questions: string[] = [];
  const ask = (answer: boolean) => ({
    streams: ['transcriptions'],
    requestsPerMinute: 10,
    confirm: (question: string) => {
      questions.push(question);
      return Promise.resolve(answer);
    },
  });
  const refused = await lab.run(ask(false));
  expect([refused.outcome, refused.streams[0]?.outcome]).toEqual(['done', 'off']);
  expect(refused.streams[0]?.messages[0]).toContain('--yes');
  expect(answers(lab).size).toBe(0);
  expect(questions).toEqual([expect.stringContaining(`${wanted} calls, one request each, about ${Math.ceil(wanted / 10)} minutes`)]);

  expect((await lab.run(ask(true))).outcome).toBe('done');
  expect(answers(lab).size).toBe(wanted);
  await lab.run(ask(false));
  expect(questions).toHaveLength(2);
});

test('when the recording of a call is deleted, Aircall is asked once more, and 404 marks the row', async () => {
  const lab = await openLab({ simulator: { calls: 60 } });
  const { calls } = lab.simulator.company;
  await lab.run(both);
  const ready = [...(await rows(lab))].filter(([, { status }]) => status === 'ready').map(([id]) => id);
  const recorded = ready.filter((id) => calls.get(Number(id))?.hasRecording === true);
  const [erased = '', kept = ''] = recorded;
  for (const id of [erased, kept]) calls.update(Number(id), { hasRecording: false });
  lab.simulator.faults.always({ path: `/v1/calls/${erased}/transcription` }, { kind: 'status', status: 404 });
  lab.simulator.faults.always(
    { path: `/v1/calls/${kept}/transcription` },
    {
      kind: 'replace',
      with: (answer) => ({ ...answer, status: 200, body: JSON.stringify({ transcription: { id: 1, call_id: Number(kept) } }) }),
    },
  );
  await lab.pass(2);
  const again = { ...both, reread: [{ name: 'everything', span: 'all', every: 1 }] as const };
  await lab.run(again);
  expect([answers(lab).get(erased)?.length, answers(lab).get(kept)?.length]).toEqual([2, 2]);
  const stored = await rows(lab);
  expect([stored.get(erased)?.['deleted'], stored.get(kept)?.['deleted']]).toEqual([true, false]);
  expect([...stored.values()].filter(({ deleted }) => deleted === true)).toHaveLength(1);

  await lab.pass(day);
  await lab.run(again);
  expect([answers(lab).get(erased)?.length, answers(lab).get(kept)?.length]).toEqual([2, 2]);
});

test('an interrupted run has asked for what it has asked for: the next one asks for the rest', async () => {
  const lab = await openLab({ simulator: { calls: 150 } });
  await lab.run({ streams: ['calls'] });
  const calledOff = new AbortController();
  const stop = lab.simulator.faults.choose({ endpoint: 'conversation.transcription' }, () => {
    if (answers(lab).size >= 40) calledOff.abort();
    return undefined;
  });
  const first = await lab.run({ streams: ['transcriptions'], confirmed: true, signal: calledOff.signal });
  stop();
  expect(first.outcome).toBe('interrupted');
  expect((await rows(lab)).size).toBeGreaterThanOrEqual(40);
  expect((await lab.run({ streams: ['transcriptions'], confirmed: true })).outcome).toBe('done');
  const twice = [...answers(lab).values()].filter((statuses) => statuses.length > 1);
  // At most the request that was on its way.
  expect(twice.length).toBeLessThanOrEqual(1);
  const wanted = [...lab.simulator.company.calls.all()].filter((call) => isAskedFor(call, lab.simulator.company.now()));
  expect((await rows(lab)).size).toBe(wanted.length);
});

test('without calls in the destination there is nothing to ask for', async () => {
  const lab = await openLab({ simulator: { calls: 20 } });
  const result = await lab.run({ streams: ['transcriptions'], confirmed: true });
  expect(result.outcome).toBe('done');
  expect(answers(lab).size).toBe(0);
  expect(lab.events.some((event) => event.kind === 'notice' && event.text.includes('load the calls stream first'))).toBe(true);
});

test('all seven streams are read, each with rows of its own', async () => {
  const lab = await openLab({ simulator: { calls: 45 } });
  const names = ['transcriptions', 'summaries', 'topics', 'sentiments', 'action_items', 'evaluations', 'playbook_results'];
  const result = await lab.run({ streams: ['calls', ...names], confirmed: true });
  expect(result.streams.map(({ outcome }) => outcome)).toEqual(['calls', ...names].map(() => 'done'));
  for (const name of names) {
    const stored = await rows(lab, name);
    expect([name, [...stored.values()].some(({ status }) => status === 'ready')]).toEqual([name, true]);
  }
});
