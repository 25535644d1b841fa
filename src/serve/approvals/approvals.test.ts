// The approvals pages over real HTTP: who gets in, who may decide, and what everybody else gets.
import { describe, expect, test } from 'vitest';
import { openApprovalsLab, forgedToken, tokenOf, Visitor, wordsOf } from '../../../test/support/approvals-lab.ts';
import type { ApprovalsLab, Got } from '../../../test/support/approvals-lab.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';

const minuteMs = 60_000;

describe('logging in', () => {
  test('nobody sees anything without it, and afterwards stands where they wanted to go', async () => {
    const { lab, id, visitor, password } = await waiting();
    for (const path of ['/approvals', `/approvals/${id}`, '/approvals/AP-999', '/approvals/password']) {
      const got = await visitor.get(path);
      expect([got.status, got.body]).toEqual([303, '']);
      expect(got.location).toMatch(/^\/approvals\/login(\?next=AP-\d+)?$/);
    }
    expect((await visitor.post(`/approvals/${id}`, { verdict: 'approve', token: 'x' })).location).toBe(`/approvals/login?next=${id}`);
    const page = await visitor.get(`/approvals/login?next=${id}`);
    expect(page.body).toContain(`name="next" value="${id}"`);
    const token = tokenOf(page.body, '/approvals/login');
    const entered = await visitor.post('/approvals/login', { token, next: id, name: 'OLGA  stein.', password });
    expect(entered.location).toBe(`/approvals/${id}`);
    expect((await visitor.get(`/approvals/login?next=${id}`)).location).toBe(`/approvals/${id}`);
    expect(lab.approval(id)?.state).toBe('pending');
  });

  test('the way on leads to an approval and nowhere else', async () => {
    const { visitor, password, id } = await waiting();
    for (const next of ['//evil.example', 'https://evil.example', '/../x', 'AP-0', 'AP-1/../../x', 'AP-1%0d%0aX: y']) {
      expect((await visitor.get(`/approvals/login?next=${encodeURIComponent(next)}`)).body).toContain('name="next" value=""');
    }
    const page = await visitor.get('/approvals/login');
    const token = tokenOf(page.body, '/approvals/login');
    const got = await visitor.post('/approvals/login', { token, name: 'Olga Stein', password, next: '//evil.example' });
    expect(got.location).toBe('/approvals');
    expect(id).toBe('AP-1');
  });

  test('a wrong name and a wrong password get the same answer, and neither stands in the log as it was typed', async () => {
    const { lab, visitor, password } = await waiting();
    const wrong = await visitor.login('Olga Stein', 'hunter2-hunter2-hunter2');
    const unknown = await visitor.login('hunter3-hunter3-hunter3', password);
    expect([wrong.status, unknown.status]).toEqual([403, 403]);
    const plain = (got: Got) => wordsOf(got.body.replaceAll(/value="[^"]*"/g, ''));
    expect(plain(wrong)).toBe(plain(unknown));
    expect(plain(wrong)).toContain('Name or password is wrong.');
    expect(visitor.cookies.has('trunkline')).toBe(false);
    expect(sentences(lab).slice(-2)).toEqual([
      'Somebody tried to log in as Olga Stein with a wrong password. Refused.',
      'Somebody tried to log in under a name that nobody has. Refused.',
    ]);
    expect(lab.records().at(-1)).toMatchObject({ phase: 'auth', who: { ip: '198.51.100', operator: null }, where: { surface: 'browser' } });
    await visitor.login('Olga Stein', password);
    expect(sentences(lab).at(-1)).toBe('Olga Stein logged in.');
    expect(lab.dump()).not.toMatch(/hunter|correct horse/);
  });

  test('the cookie is for this server alone, out of reach of scripts and other sites, and what it holds is stored nowhere', async () => {
    const { lab, visitor, password } = await waiting();
    await visitor.login('Olga Stein', password);
    const held = visitor.cookies.get('trunkline') ?? '';
    expect(held).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(visitor.setCookies).toContain(`trunkline=${held}; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict`);
    expect(lab.dump()).not.toContain(held);
  });

  test('behind TLS it is sent over TLS only, and bound to the host', async () => {
    const lab = await openApprovalsLab({ publicUrl: 'https://approve.example.com' });
    const password = await lab.person('Olga Stein');
    const visitor = new Visitor(lab);
    expect((await visitor.login('Olga Stein', password)).status).toBe(303);
    expect([...visitor.cookies.keys()]).toEqual(['__Host-trunkline']);
    for (const cookie of visitor.setCookies) expect(cookie).toMatch(/^__Host-.*; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/);
    expect((await visitor.get('/approvals')).status).toBe(200);
    // Under any other name there is nothing, nor does a form from there count.
    expect((await visitor.get('/approvals', { host: `127.0.0.1:${lab.port}` })).status).toBe(421);
    expect(
      (await visitor.submit('/approvals/logout', {}, { page: '/approvals', headers: { origin: `http://127.0.0.1:${lab.port}` } })).status,
    ).toBe(403);
  });

  test('a session that somebody brought along is worth nothing afterwards: each login is a new one', async () => {
    const { visitor, password } = await waiting();
    const planted = 'A'.repeat(43);
    visitor.cookies.set('trunkline', planted);
    await visitor.login('Olga Stein', password);
    const first = visitor.cookies.get('trunkline');
    expect(first).not.toBe(planted);
    visitor.cookies.set('trunkline', planted);
    expect((await visitor.get('/approvals')).status).toBe(303);
    // Nor does the browser's own one stay the same, and two at once are none.
    visitor.cookies.delete('trunkline');
    await visitor.login('Olga Stein', password);
    expect(visitor.cookies.get('trunkline')).not.toBe(first);
    expect((await visitor.get('/approvals', { cookie: `trunkline=${first}; trunkline=${planted}` })).status).toBe(303);
  });

  test('it ends after an hour, at the log-out, with another password, and with the person', async () => {
    const { lab, clock, password } = await waiting();
    const isIn = async (visitor: Visitor) => (await visitor.get('/approvals')).status === 200;
    const enter = async (word: string) => {
      const visitor = new Visitor(lab);
      await visitor.login('Olga Stein', word);
      expect(await isIn(visitor)).toBe(true);
      return visitor;
    };
    const early = await enter(password);
    await clock.advance(59 * minuteMs);
    expect(await isIn(early)).toBe(true);
    await clock.advance(minuteMs);
    expect(await isIn(early)).toBe(false);

    const leaving = await enter(password);
    const held = leaving.cookies.get('trunkline') ?? '';
    const staying = await enter(password);
    expect((await leaving.submit('/approvals/logout', {}, { page: '/approvals' })).location).toBe('/approvals/login');
    leaving.cookies.set('trunkline', held);
    expect([await isIn(leaving), await isIn(staying)]).toEqual([false, true]);

    const { password: made } = await lab.people.resetPassword('Olga Stein', null, lab.doer);
    expect(await isIn(staying)).toBe(false);
    expect((await new Visitor(lab).login('Olga Stein', password)).status).toBe(403);
    const again = new Visitor(lab);
    expect((await again.login('Olga Stein', made?.reveal() ?? '')).location).toBe('/approvals/password');
    await lab.people.remove('Olga Stein', lab.doer);
    expect(await isIn(again)).toBe(false);
    expect(sentences(lab).slice(-1)).toEqual(['Otto removed Olga Stein, who was an approver for all areas.']);
  });

  test('after five wrong passwords one has to wait, also with the right one; others get in meanwhile', async () => {
    const { lab, clock, visitor, password } = await waiting();
    const other = await lab.person('Paul Kern');
    // At once, so that none is quicker than the count.
    const page = await visitor.get('/approvals/login');
    const token = tokenOf(page.body, '/approvals/login');
    const tries = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        visitor.post('/approvals/login', { token, name: 'Olga Stein', password: `wrong wrong wrong ${index}` }),
      ),
    );
    expect(tries.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([403, 403, 403, 403, 403, 429, 429, 429]);
    const late = await visitor.login('Olga Stein', password);
    expect(late.status).toBe(429);
    expect(late.headers['retry-after']).toBe('900');
    expect(wordsOf(late.body)).toContain('Try again in 15 minutes.');
    expect(sentences(lab)).toContain(
      'Somebody tried to log in as Olga Stein after too many attempts. Refused without a look at the password.',
    );
    expect((await visitor.login('Paul Kern', other)).status).toBe(303);
    expect((await new Visitor(lab, { ip: '203.0.113.9' }).login('Olga Stein', password)).status).toBe(303);
    await clock.advance(15 * minuteMs);
    expect((await new Visitor(lab).login('Olga Stein', password)).status).toBe(303);
  });

  test('one address gets no further with many names, nor one name from many addresses; unknown names are treated alike', async () => {
    const { lab, password } = await waiting();
    const visitor = new Visitor(lab, { ip: '203.0.113.66' });
    const page = await visitor.get('/approvals/login');
    const token = tokenOf(page.body, '/approvals/login');
    const attempt = (name: string, ip: string) => lab.logins.login({ name, password: 'a wrong password', ip });
    for (let index = 0; index < 20; index += 1) await attempt(`Nobody ${index}`, '203.0.113.66');
    expect((await visitor.post('/approvals/login', { token, name: 'Olga Stein', password })).status).toBe(429);
    for (const name of ['Olga Stein', 'No Such Person']) {
      for (let index = 0; index < 50; index += 1) await attempt(name, `192.0.2.${index}`);
      const far = new Visitor(lab, { ip: '198.51.100.200' });
      expect((await far.login(name, password)).status, name).toBe(429);
    }
  });

  test('a first password has to be changed before anything is shown, and the own one must be good', async () => {
    const lab = await openApprovalsLab();
    const agent = await lab.agent('Billing Bot');
    const { password } = await lab.people.add({ name: 'Olga Stein', areas: 'all', password: null, policy: lab.policy() }, lab.doer);
    const id = await lab.asks(agent, 'calls.comment', { at: { id: '812345' }, body: { content: 'a' } }, 'Billing Bot asks.');
    const made = password?.reveal() ?? '';
    expect(made).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){4}[0-9a-hjkmnp-tv-z]{4}$/);
    const visitor = new Visitor(lab);
    expect((await visitor.login('Olga Stein', made)).location).toBe('/approvals/password');
    expect((await visitor.get(`/approvals/${id}`)).location).toBe(`/approvals/password?next=${id}`);
    const page = await visitor.get('/approvals/password');
    const decide = forgedToken(visitor.cookies.get('trunkline') ?? '', `decide ${id}`);
    expect((await visitor.post(`/approvals/${id}`, { token: decide, verdict: 'approve' })).location).toBe(`/approvals/password?next=${id}`);
    const change = (current: string, chosen: string, again = chosen) =>
      visitor.post('/approvals/password', { token: tokenOf(page.body, '/approvals/password'), current, chosen, again });
    expect((await change('wrong', 'a sentence of mine')).status).toBe(403);
    for (const [chosen, again, says] of [
      ['short', 'short', 'shorter than 15'],
      ['Olga Stein Olga Stein 1', undefined, 'hardly more than the name'],
      ['aaaaaaaaaaaaaaaaaaaaaa', undefined, 'hardly any different'],
      ['a sentence of mine', 'another sentence', 'not typed twice alike'],
      [made, undefined, 'That is the password you have'],
    ] as const) {
      const got = await change(made, chosen, again ?? chosen);
      expect([got.status, wordsOf(got.body).includes(says)], says).toEqual([400, true]);
    }
    expect((await change(made, 'a sentence of mine')).location).toMatch(/^\/approvals\/login\?changed=[A-Za-z0-9_-]{43}$/);
    expect((await visitor.login('Olga Stein', made)).status).toBe(403);
    expect((await visitor.login('Olga Stein', 'a sentence of mine')).location).toBe('/approvals');
    expect(sentences(lab)).toContain('Olga Stein chose a new password, which ended all logins.');
    expect(lab.dump()).not.toContain('a sentence of mine');
  });
});

describe('who has to choose a password first', () => {
  /** Somebody with a first password who opened a page of these words after the `?`. */
  async function first(query: string) {
    const lab = await openApprovalsLab();
    const { password } = await lab.people.add({ name: 'Olga Stein', areas: 'all', password: null, policy: lab.policy() }, lab.doer);
    const visitor = new Visitor(lab);
    const login = await visitor.get(`/approvals/login${query}`);
    const made = password?.reveal() ?? '';
    const fields = { token: tokenOf(login.body, '/approvals/login'), next: nextOn(login.body), name: 'Olga Stein' };
    const entered = await visitor.post('/approvals/login', { ...fields, password: made });
    const change = async (path: string, chosen: string) => {
      const { body } = await visitor.get(path);
      return visitor.post('/approvals/password', {
        token: tokenOf(body, '/approvals/password'),
        next: nextOn(body),
        current: made,
        chosen,
        again: chosen,
      });
    };
    return { visitor, entered, change };
  }

  test('is told that it was changed, and comes to the request that was asked for', async () => {
    const { visitor, entered, change } = await first('?next=AP-3');
    expect(entered.location).toBe('/approvals/password?next=AP-3');
    const wrong = await change(entered.location ?? '', 'short');
    expect([wrong.status, nextOn(wrong.body)]).toEqual([400, 'AP-3']);
    const changed = await change(entered.location ?? '', 'a sentence of mine');
    expect(changed.location).toMatch(/^\/approvals\/login\?next=AP-3&changed=/);
    const login = await visitor.get(changed.location ?? '');
    expect(wordsOf(login.body)).toContain('Your password was changed. Log in with the new one.');
    expect(wordsOf(login.body)).toContain('Then you see what AP-3 asks for.');
    const fields = { token: tokenOf(login.body, '/approvals/login'), next: nextOn(login.body), name: 'Olga Stein' };
    expect((await visitor.post('/approvals/login', { ...fields, password: 'a sentence of mine' })).location).toBe('/approvals/AP-3');
  });

  test.each(['?next=//evil.example', '?next=https://evil.example', '?next=AP-3/../../x', ''])(
    'is led nowhere else by %s',
    async (query) => {
      const { visitor, entered, change } = await first(query);
      expect(entered.location).toBe('/approvals/password');
      const changed = await change(`/approvals/password${query}`, 'a sentence of mine');
      expect(changed.location).toMatch(/^\/approvals\/login\?changed=[A-Za-z0-9_-]{43}$/);
      expect(nextOn((await visitor.get(changed.location ?? '')).body)).toBe('');
    },
  );

  test('nobody else’s link says that a password was changed', async () => {
    const lab = await openApprovalsLab();
    const visitor = new Visitor(lab);
    await visitor.get('/approvals/login');
    const { location } = await (await first('')).change('/approvals/password', 'a sentence of mine');
    for (const link of [location ?? '', '/approvals/login?changed=1', '/approvals/login?changed=']) {
      expect(wordsOf((await visitor.get(link)).body)).not.toContain('Your password was changed.');
    }
  });
});

describe('forms', () => {
  test.each([
    ['without a token', { token: null }, {}],
    ['with an empty token', { token: '' }, {}],
    ['with a made-up token', { token: 'A'.repeat(43) }, {}],
    ['with the token of another approval', { token: 'other approval' }, {}],
    ['with the token of another page', { token: 'logout' }, {}],
    ['with the token of somebody else', { token: 'somebody else' }, {}],
    ['from another site', {}, { origin: 'https://evil.example' }],
    ['from another port of this machine', {}, { origin: 'http://127.0.0.1:1' }],
    ['from nowhere', {}, { origin: 'null' }],
    ['that do not say from where', {}, { origin: undefined }],
    ['that the browser says come from another site', {}, { 'sec-fetch-site': 'cross-site' }],
    ['that the browser says come from a neighbour', {}, { 'sec-fetch-site': 'same-site' }],
  ])('%s decide nothing', async (_how, fields, headers) => {
    const { lab, id, visitor, password } = await waiting();
    await visitor.login('Olga Stein', password);
    const held = visitor.cookies.get('trunkline') ?? '';
    const paul = new Visitor(lab);
    await paul.login('Paul Kern', await lab.person('Paul Kern'));
    const tokens: Readonly<Record<string, string>> = {
      'other approval': forgedToken(held, 'decide AP-2'),
      logout: forgedToken(held, 'logout'),
      'somebody else': forgedToken(paul.cookies.get('trunkline') ?? '', `decide ${id}`),
    };
    const given = 'token' in fields ? { token: fields.token === null ? null : (tokens[fields.token] ?? fields.token) } : {};
    const before = lab.records().length;
    expect((await visitor.submit(`/approvals/${id}`, { verdict: 'approve', ...given }, { headers })).status).toBe(403);
    expect(lab.approval(id)?.state).toBe('pending');
    expect(lab.records().length).toBe(before);
  });

  test('a login needs the token of its page as well', async () => {
    const { visitor, password } = await waiting();
    for (const token of [null, 'x']) {
      await visitor.get('/approvals/login');
      const got = await visitor.post('/approvals/login', { token, name: 'Olga Stein', password });
      expect([got.status, visitor.cookies.has('trunkline')]).toEqual([403, false]);
    }
    visitor.cookies.clear();
    const got = await visitor.post('/approvals/login', { token: forgedToken('', 'login'), name: 'Olga Stein', password });
    expect([got.status, visitor.cookies.has('trunkline')]).toEqual([403, false]);
  });

  test('what is no form of ours is turned away', async () => {
    const { lab, id, visitor, password } = await waiting();
    await visitor.login('Olga Stein', password);
    const token = tokenOf((await visitor.get(`/approvals/${id}`)).body, `/approvals/${id}`);
    const path = `/approvals/${id}`;
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token, verdict: 'approve' }) };
    expect((await visitor.post(path, {}, json)).status).toBe(415);
    expect(
      (await visitor.post(path, {}, { headers: { 'content-type': 'text/plain' }, body: `token=${token}&verdict=approve` })).status,
    ).toBe(415);
    expect((await visitor.post(path, {}, { body: `token=${token}&verdict=refuse&verdict=approve` })).status).toBe(400);
    expect((await visitor.post(path, { token, verdict: 'maybe' })).status).toBe(400);
    expect((await visitor.post(path, { token })).status).toBe(400);
    expect((await visitor.post(path, { token, verdict: 'approve', reason: 'x'.repeat(201) })).status).toBe(400);
    expect((await visitor.post(path, { token, verdict: 'approve', reason: '\u202eyes' })).status).toBe(400);
    expect((await visitor.post(path, { token, verdict: 'approve', reason: 'x'.repeat(20_000) })).status).toBe(413);
    expect((await visitor.send(path, { method: 'PUT' })).status).toBe(404);
    // A link decides nothing, whatever it says.
    expect((await visitor.get(`${path}?verdict=approve&token=${token}`)).status).toBe(200);
    expect(lab.approval(id)?.state).toBe('pending');
  });
});

describe('deciding', () => {
  test('the page says exactly what is asked, and a yes is recorded with name, place and reason', async () => {
    const { lab, id, visitor, password } = await waiting();
    await visitor.login('Olga Stein', password);
    expect(wordsOf((await visitor.get('/approvals')).body)).toContain('1 request waits for you');
    const words = wordsOf((await visitor.get(`/approvals/${id}`)).body);
    for (const part of [
      'Billing Bot asks to comment on call 812345.',
      'Answers for it Olaf Berg',
      'Is there for Sends what is owed.',
      'Expires in 15 min',
      'body.content &quot;Call back on +33 6 12 34 56 78&quot;',
      'cannot be taken away again',
    ]) {
      expect(words).toContain(part);
    }
    const got = await visitor.submit(`/approvals/${id}`, { verdict: 'approve', reason: ' Agreed\r\nwith Paul ' });
    expect([got.status, got.location]).toEqual([303, `/approvals/${id}`]);
    expect(lab.approval(id)).toMatchObject({ state: 'approved', decidedBy: 'Olga Stein' });
    expect(lab.records().at(-1)).toMatchObject({
      phase: 'admin',
      sentence: 'Olga Stein approved request AP-1 of Billing Bot: Comment on a call.',
      who: { operator: 'Olga Stein' },
      where: { surface: 'browser' },
      change: { after: { approval: 'AP-1', state: 'approved', reason: 'Agreed with Paul' } },
    });
    expect(wordsOf((await visitor.get(`/approvals/${id}`)).body)).toContain('You approved it on 2026-11-22 12:00 UTC.');
    expect(wordsOf((await visitor.get('/approvals')).body)).toContain('Nothing waits for you');
  });

  test('of many taps at once one counts, and all are told the truth', async () => {
    const { lab, id, visitor, password } = await waiting();
    await visitor.login('Olga Stein', password);
    const token = tokenOf((await visitor.get(`/approvals/${id}`)).body, `/approvals/${id}`);
    const tap = (verdict: string) => visitor.post(`/approvals/${id}`, { token, verdict });
    const taps = await Promise.all([...Array.from({ length: 5 }, () => tap('approve')), tap('refuse')]);
    const { state } = lab.approval(id) ?? { state: 'gone' };
    expect(taps.slice(0, 5).map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => (state === 'approved' ? 303 : 409)));
    expect(taps[5]?.status).toBe(state === 'approved' ? 409 : 303);
    expect(sentences(lab).filter((sentence) => /(?:approved|refused) request/.test(sentence)).length).toBe(1);
    // The same form again, later.
    const other = state === 'approved' ? 'refuse' : 'approve';
    expect(wordsOf((await tap(other)).body)).toContain('Nothing was changed. AP-1 does not wait any more');
    expect(lab.approval(id)?.state).toBe(state);
  });

  test('only areas somebody holds are shown, and only those are decided, yes and no alike', async () => {
    const { lab, id } = await waiting();
    const password = await lab.person('Tina Holm', { areas: ['tags'] });
    const visitor = new Visitor(lab);
    await visitor.login('Tina Holm', password);
    expect(wordsOf((await visitor.get('/approvals')).body)).toContain(
      'Nothing waits for you You decide about Tags. 1 more waits for others.',
    );
    const page = await visitor.get(`/approvals/${id}`);
    expect(page.status).toBe(403);
    expect(wordsOf(page.body)).toContain('This is about Calls. You may decide about Tags.');
    expect(page.body).not.toMatch(/812345|\+33|Billing/);
    const token = forgedToken(visitor.cookies.get('trunkline') ?? '', `decide ${id}`);
    for (const verdict of ['approve', 'refuse']) {
      const got = await visitor.post(`/approvals/${id}`, { token, verdict });
      expect([got.status, /812345|\+33/.test(got.body)]).toEqual([403, false]);
    }
    expect(lab.approval(id)?.state).toBe('pending');
    // From the next click on.
    await lab.people.setAreas('Tina Holm', ['tags', 'calls'], lab.doer);
    expect((await visitor.submit(`/approvals/${id}`, { verdict: 'refuse' })).status).toBe(303);
    expect(lab.approval(id)).toMatchObject({ state: 'refused', decidedBy: 'Tina Holm' });
  });

  test.each([
    [true, 403, 'pending'],
    [false, 303, 'approved'],
  ])('where four eyes are asked for (%s), who answers for the agent does not approve', async (fourEyes, status, state) => {
    const { lab, id } = await waiting({ fourEyes });
    const visitor = new Visitor(lab);
    await visitor.login('olaf berg', await lab.person('Olaf Berg'));
    const got = await visitor.submit(`/approvals/${id}`, { verdict: 'approve' });
    expect(got.status).toBe(status);
    if (fourEyes) expect(wordsOf(got.body)).toContain('four eyes are asked for: somebody else must approve. Ask a colleague.');
    expect(lab.approval(id)?.state).toBe(state);
  });

  test('where four eyes are asked for, an agent whose owner nobody logs in as has nobody who approves', async () => {
    const { lab, id, visitor, password } = await waiting({ fourEyes: true });
    await visitor.login('Olga Stein', password);
    const got = await visitor.submit(`/approvals/${id}`, { verdict: 'approve' });
    expect([got.status, lab.approval(id)?.state]).toEqual([403, 'pending']);
    expect(wordsOf(got.body)).toContain('nobody logs in as Olaf Berg');
    expect(wordsOf(got.body)).toContain('Ask whoever runs Trunkline to say which person answers for the agent');
    // As soon as the owner logs in, it is a colleague who approves.
    await lab.person('Olaf Berg');
    expect((await visitor.submit(`/approvals/${id}`, { verdict: 'approve' })).status).toBe(303);
    expect(lab.approval(id)).toMatchObject({ state: 'approved', decidedBy: 'Olga Stein' });
  });

  test('an agent is nobody who approves, whatever it is called', async () => {
    const { lab, id } = await waiting();
    await expect(lab.person('billing  bot')).rejects.toThrow('is an agent');
    const person = await lab.person('Mia Moss');
    // An agent that was given the name of a person later on.
    const agent = await lab.agent('Mia Moss');
    const own = await lab.asks(agent, 'tags.create', { body: { name: 'a', color: '#000000' } }, 'Mia Moss asks.');
    const visitor = new Visitor(lab);
    await visitor.login('Mia Moss', person);
    const got = await visitor.submit(`/approvals/${own}`, { verdict: 'approve' });
    expect([got.status, wordsOf(got.body).includes('An agent cannot approve its own request.')]).toEqual([403, true]);
    expect([lab.approval(own)?.state, lab.approval(id)?.state]).toEqual(['pending', 'outdated']);
  });

  test('what has expired, was used, or was asked under other rules says so plainly', async () => {
    const { lab, id, visitor, password, clock } = await waiting();
    await visitor.login('Olga Stein', password);
    const token = tokenOf((await visitor.get(`/approvals/${id}`)).body, `/approvals/${id}`);
    await lab.agent('Another Bot');
    const outdated = await visitor.post(`/approvals/${id}`, { token, verdict: 'approve' });
    expect([outdated.status, wordsOf(outdated.body).includes('The rules have changed since AP-1')]).toEqual([409, true]);
    const list = wordsOf((await visitor.get('/approvals')).body);
    expect(list).toContain('Nothing waits for you');
    expect(list).toContain('AP-1 Outdated Billing Bot asks to comment on call 812345.');
    const page = await visitor.get(`/approvals/${id}`);
    expect(wordsOf(page.body)).toContain('Why a person A rule asks for a person’s approval of “Comment on a call” by Billing Bot.');
    expect(wordsOf(page.body)).toContain(
      'The rules have changed since it was asked for. Nobody can approve it any more. The agent can ask again, under the present rules.',
    );
    expect(page.body).not.toContain('name="verdict"');
    await clock.advance(15 * minuteMs);
    expect(wordsOf((await visitor.get(`/approvals/${id}`)).body)).toContain('Nobody decided in time.');
    const expired = await visitor.post(`/approvals/${id}`, { token, verdict: 'approve' });
    expect([expired.status, wordsOf(expired.body).includes('Nothing was changed. AP-1 does not wait any more: it has expired.')]).toEqual([
      409,
      true,
    ]);
    expect((await visitor.get('/approvals/AP-999')).status).toBe(404);
    expect(sentences(lab).filter((sentence) => sentence.includes('AP-1'))).toEqual([]);
  });

  test('who is removed, or logged out, between the page and the tap decides nothing', async () => {
    const { lab, id, visitor, password } = await waiting();
    await visitor.login('Olga Stein', password);
    const token = tokenOf((await visitor.get(`/approvals/${id}`)).body, `/approvals/${id}`);
    await lab.people.remove('Olga Stein', lab.doer);
    expect((await visitor.post(`/approvals/${id}`, { token, verdict: 'approve' })).location).toBe(`/approvals/login?next=${id}`);
    expect(lab.approval(id)?.state).toBe('pending');
  });
});

test('every answer tells the browser to trust nothing but the page itself, and to keep nothing', async () => {
  const { id, visitor, password } = await waiting();
  const answers = [await visitor.get('/approvals/login'), await visitor.get('/approvals'), await visitor.get('/approvals/nothing')];
  await visitor.login('Olga Stein', password);
  answers.push(await visitor.get('/approvals'), await visitor.get(`/approvals/${id}`), await visitor.get('/approvals/AP-999'));
  answers.push(await visitor.post('/approvals/logout', {}), await visitor.get('/approvals', { host: 'evil.example' }));
  expect(answers.map(({ status }) => status)).toEqual([200, 303, 404, 200, 200, 404, 403, 421]);
  for (const { headers, body } of answers) {
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(body).not.toMatch(/<script|\son[a-z]+=|(?:src|href|action)="(?!\/approvals|#|data:,)|\sstyle=/);
  }
});

type Waiting = {
  readonly lab: ApprovalsLab;
  readonly clock: FakeClock;
  readonly id: string;
  readonly visitor: Visitor;
  readonly password: string;
};

/** A request that waits, and somebody who may decide. */
async function waiting(options: { readonly fourEyes?: boolean } = {}): Promise<Waiting> {
  const clock = new FakeClock({ startMs: Date.UTC(2026, 10, 22, 12) });
  const lab = await openApprovalsLab({ clock, ...options });
  const agent = await lab.agent('Billing Bot');
  const password = await lab.person('Olga Stein');
  const given = { at: { id: '812345' }, body: { content: 'Call back on +33 6 12 34 56 78' } };
  const id = await lab.asks(agent, 'calls.comment', given, 'Billing Bot asks to comment on call 812345.');
  return { lab, clock, id, visitor: new Visitor(lab), password };
}

function sentences(lab: ApprovalsLab): readonly string[] {
  return lab.records().map(({ sentence }) => sentence);
}

/** Where the form of a page goes on to. */
function nextOn(page: string): string {
  return /name="next" value="([^"]*)"/.exec(page)?.[1] ?? 'no such field';
}
