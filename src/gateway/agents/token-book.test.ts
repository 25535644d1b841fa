// Tokens of an identity provider in place of an agent's key, over real HTTP: which count, which do not and why, on both surfaces alike.
import { createPrivateKey, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompactEncrypt } from 'jose';
import { expect, test } from 'vitest';
import { createLog } from '../../base/index.ts';
import {
  audience,
  bodyOf,
  jwkOf,
  makeSigningKey,
  openIdentityLab,
  sharedSecretToken,
  tokenOf,
} from '../../../test/support/identity-provider.ts';
import type { IdentityLab } from '../../../test/support/identity-provider.ts';
import { json } from '../../../test/support/http-server.ts';
import { connect, eras } from '../../../test/support/mcp.ts';

const bot = { subjects: ['support-bot'], grants: { calls: 'read' } } as const;
const message = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

test('a good token is the agent it is of, on REST and over MCP, and the log names the token without showing it', async () => {
  const lab = await openIdentityLab();
  const { id } = await lab.addAgent('Support Agent', bot);
  const token = lab.token();
  expect((await rest(lab, token)).status).toBe(200);
  for (const era of eras) {
    const client = await connect(lab, { key: token }, era);
    const result = await client.callTool({ name: 'aircall_calls_list', arguments: { per_page: 1 } });
    expect(result.isError ?? false).toBe(false);
  }
  const named = lab.records().map(({ who }) => [who.agent?.id, who.keyId]);
  expect(new Set(named.map(String)).size).toBe(1);
  expect(named[0]).toEqual([id, expect.stringMatching(/^jwt:[0-9a-f]{24}$/)]);
});

test('each way to sign that is on the list is understood', async () => {
  const lab = await openIdentityLab();
  await lab.addAgent('Support Agent', bot);
  const keys = (['RS256', 'PS256', 'ES256', 'EdDSA'] as const).map((alg) => makeSigningKey(alg));
  lab.provider.keys = keys.map((key) => jwkOf(key));
  for (const key of keys) expect((await rest(lab, lab.token({}, {}, key))).status, key.alg).toBe(200);
});

const good: readonly [string, (lab: IdentityLab) => string][] = [
  ['a list of audiences, ours among them', (lab) => lab.token({ aud: ['https://other.example.com', audience] })],
  ['an end that passed within a minute', (lab) => lab.token({ exp: seconds(lab) - 59 })],
  ['a beginning that comes within a minute', (lab) => lab.token({ nbf: seconds(lab) + 59, iat: seconds(lab) + 59 })],
  ['the type of any token', (lab) => lab.token({}, { typ: 'JWT' })],
  ['no type', (lab) => lab.token({}, { typ: undefined })],
  ['the whole name of the type', (lab) => lab.token({}, { typ: 'application/at+jwt' })],
  ['no name of a key, where only one fits', (lab) => lab.token({}, { kid: undefined })],
  ['no identifier of its own', (lab) => lab.token({ jti: undefined })],
];

test('a token counts within what providers may leave out or write otherwise', async () => {
  const lab = await openIdentityLab();
  await lab.addAgent('Support Agent', bot);
  for (const [what, make] of good) expect((await rest(lab, make(lab))).status, what).toBe(200);
});

const elsewhere = makeSigningKey('RS256');
const second = makeSigningKey('RS256');

const bad: readonly [string, (lab: IdentityLab) => string | Promise<string>, string][] = [
  ['of another issuer', (lab) => lab.token({ iss: 'https://evil.example.com' }), 'The token was made by another issuer.'],
  ['of an issuer that only begins like ours', (lab) => lab.token({ iss: `${lab.provider.issuer}/` }), 'made by another issuer'],
  ['without issuer', (lab) => lab.token({ iss: undefined }), 'made by another issuer'],
  ['for another audience', (lab) => lab.token({ aud: 'https://other.example.com' }), 'The token was made for another audience.'],
  ['for a list of other audiences', (lab) => lab.token({ aud: ['a', `${audience}/`, audience.toUpperCase()] }), 'for another audience'],
  ['for no audience', (lab) => lab.token({ aud: undefined }), 'for another audience'],
  ['that has expired', (lab) => lab.token({ exp: seconds(lab) - 60 }), 'The token expired on 20'],
  ['that begins later', (lab) => lab.token({ nbf: seconds(lab) + 61 }), 'counts only from a later moment on'],
  ['that will have been made later', (lab) => lab.token({ iat: seconds(lab) + 61 }), 'counts only from a later moment on'],
  ['without end', (lab) => lab.token({ exp: undefined }), 'The token does not say when it ends.'],
  ['with an end that is text', (lab) => lab.token({ exp: '9999999999' }), 'The token does not say when it ends.'],
  ['with a beginning that is text', (lab) => lab.token({ nbf: '0' }), 'The times in the token cannot be read.'],
  [
    'that nobody signed',
    (lab) => `${bodyOf({ alg: 'none', typ: 'at+jwt' }, lab.provider.claims(lab.clock.now()))}.`,
    'signed in a way that is not on the list',
  ],
  [
    'that nobody signed, in other letters',
    (lab) => `${bodyOf({ alg: 'nOnE', typ: 'at+jwt' }, lab.provider.claims(lab.clock.now()))}.`,
    'signed in a way that is not on the list',
  ],
  ['without signature', (lab) => lab.token().replace(/[^.]*$/, ''), 'The signature of the token is not its issuer’s.'],
  [
    'signed with the text of the public key as a shared secret',
    (lab) => {
      const { publicKey, kid } = lab.provider.key;
      return sharedSecretToken(publicKey.export({ type: 'spki', format: 'pem' }), lab.provider.claims(lab.clock.now()), { kid });
    },
    'signed in a way that is not on the list',
  ],
  [
    'signed with a shared secret that the provider publishes',
    (lab) => {
      const secret = randomBytes(32);
      const jwk = { ...createSecretKey(secret).export({ format: 'jwk' }), kid: 'shared', alg: 'HS256', use: 'sig' };
      lab.provider.keys = [...lab.provider.keys, jwk];
      return sharedSecretToken(secret, lab.provider.claims(lab.clock.now()), { kid: 'shared' });
    },
    'signed in a way that is not on the list',
  ],
  [
    'signed with a published shared secret under the name of a signature',
    (lab) => {
      const secret = randomBytes(32);
      lab.provider.keys = [...lab.provider.keys, { ...createSecretKey(secret).export({ format: 'jwk' }), kid: 'shared', use: 'sig' }];
      return sharedSecretToken(secret, lab.provider.claims(lab.clock.now()), { alg: 'RS256', kid: 'shared' });
    },
    'names no key that its issuer has now',
  ],
  ['with a way to sign that does not fit the key', (lab) => lab.token({}, { alg: 'PS256' }), 'names no key that its issuer has now'],
  [
    'signed with a strange key under the name of ours',
    (lab) => lab.token({}, { kid: lab.provider.key.kid }, elsewhere),
    'is not its issuer’s',
  ],
  ['signed with a key nobody published', (lab) => lab.token({}, {}, elsewhere), 'names no key that its issuer has now'],
  [
    'without the name of a key, where several fit',
    (lab) => {
      lab.provider.keys = [jwkOf(lab.provider.key), jwkOf(second)];
      return lab.token({}, { kid: undefined });
    },
    'does not say which of its issuer’s keys signed it',
  ],
  [
    'signed with a key that is published for something else',
    (lab) => {
      lab.provider.keys = [jwkOf(lab.provider.key), jwkOf(second, { use: 'enc' })];
      return lab.token({}, {}, second);
    },
    'names no key that its issuer has now',
  ],
  [
    'signed with a key that is published whole',
    (lab) => {
      lab.provider.keys = [jwkOf(lab.provider.key), { ...second.privateKey.export({ format: 'jwk' }), kid: second.kid, alg: 'RS256' }];
      return lab.token({}, {}, second);
    },
    'names no key that its issuer has now',
  ],
  [
    'signed with a key that is too short',
    (lab) => {
      const short = { ...generateKeyPairSync('rsa', { modulusLength: 1024 }), alg: 'RS256', kid: 'short' } as const;
      lab.provider.keys = [jwkOf(short)];
      return lab.token({}, {}, short);
    },
    'The key that signed the token is not one that can be relied on.',
  ],
  [
    'that brings its own key',
    (lab) => lab.token({}, { jwk: jwkOf(elsewhere), kid: elsewhere.kid }, elsewhere),
    'names no key that its issuer has now',
  ],
  [
    'that says where its keys are',
    (lab) => lab.token({}, { jku: `${lab.provider.issuer}/evil`, x5u: `${lab.provider.issuer}/evil` }, elsewhere),
    'names no key that its issuer has now',
  ],
  [
    'whose claims were changed',
    (lab) => {
      const [header = '', , signature = ''] = lab.token({ client_id: 'somebody' }).split('.');
      const claims = bodyOf({}, lab.provider.claims(lab.clock.now())).split('.')[1] ?? '';
      return [header, claims, signature].join('.');
    },
    'is not its issuer’s',
  ],
  ['that is longer than 8 KiB', (lab) => lab.token({ filling: 'x'.repeat(6 * 1024) }), 'The token is longer than 8 KiB.'],
  ['that demands an extension', (lab) => lab.token({}, { crit: ['exp'], exp: 1 }), 'demands an extension that is not known'],
  ['whose payload is not encoded', (lab) => lab.token({}, { crit: ['b64'], b64: true }), 'demands an extension that is not known'],
  [
    'that is encrypted',
    (lab) =>
      new CompactEncrypt(Buffer.from(lab.token()))
        .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT' })
        .encrypt(lab.provider.key.publicKey),
    'The token is encrypted',
  ],
  ['inside another one', (lab) => tokenOf(lab.provider.key, lab.token(), { cty: 'JWT' }), 'neither a key of this gateway nor a token'],
  ['that is a list', (lab) => tokenOf(lab.provider.key, '[]'), 'neither a key of this gateway nor a token'],
  ['that is no token', () => 'hunter2.hunter2.hunter2', 'neither a key of this gateway nor a token'],
  ['that tells a client who logged in', (lab) => lab.token({ nonce: 'n-0S6' }, { typ: 'JWT' }), 'made to open something'],
  ['that tells of another token', (lab) => lab.token({ at_hash: 'x' }, { typ: undefined }), 'made to open something'],
  ['that calls itself an ID token', (lab) => lab.token({ typ: 'ID' }, { typ: 'JWT' }), 'made to open something'],
  ['that tells of an event', (lab) => lab.token({}, { typ: 'logout+jwt' }), 'made to open something'],
  ['that is bound to a key of its holder', (lab) => lab.token({ cnf: { jkt: 'x' } }), 'together with a key of its holder'],
  ['of nobody who is an agent', (lab) => lab.token({ client_id: 'another-bot' }), 'The token is good, and its client_id is no agent’s.'],
  ['of an agent in other letters', (lab) => lab.token({ client_id: 'Support-Bot' }), 'its client_id is no agent’s'],
  ['of an agent by its name or id alone', (lab) => lab.token({ client_id: 'Support Agent' }), 'its client_id is no agent’s'],
  ['that names an agent in another claim', (lab) => lab.token({ client_id: undefined, azp: 'support-bot' }), 'does not say in client_id'],
  ['that names several', (lab) => lab.token({ client_id: ['support-bot'] }), 'does not say in client_id'],
  ['of what every object has', (lab) => lab.token({ client_id: 'constructor' }), 'its client_id is no agent’s'],
];

test('a bad token is refused on both surfaces, as any stranger is, and the log says why', { timeout: 60_000 }, async () => {
  const lab = await openIdentityLab();
  await lab.addAgent('Support Agent', bot);
  const strangers = [await rest(lab, 'hunter2'), await mcp(lab, 'hunter2')].map(shown);
  for (const [what, make, why] of bad) {
    // From one to the next the keys are fetched anew, and what the log folds into one record begins anew.
    lab.provider.keys = [jwkOf(lab.provider.key)];
    await lab.clock.advance(11 * 60_000);
    const token = await make(lab);
    const before = lab.records().length;
    const answers = [await rest(lab, token), await mcp(lab, token)];
    expect(answers.map(shown), what).toEqual(strangers);
    expect(answers[1]?.headers['www-authenticate']).toContain('resource_metadata="');
    const records = lab.records().slice(before);
    const refused = { phase: 'auth', who: { agent: null }, decision: { code: 'unauthenticated' } };
    expect(records, what).toMatchObject([
      { ...refused, where: { surface: 'rest' } },
      { ...refused, where: { surface: 'mcp' } },
    ]);
    for (const { sentence } of records) expect(sentence, what).toContain(why);
  }
  expect(strangers.map(({ status }) => status)).toEqual([401, 401]);
  expect(lab.upstream()).toEqual([]);
});

test('neither a token, nor a part of one, stands in a file, in a record or in what the process tells', async () => {
  const told: string[] = [];
  const lab = await openIdentityLab({ log: createLog({ level: 'debug', format: 'json', write: (line) => told.push(line) }) });
  await lab.addAgent('Support Agent', bot);
  const tokens = [lab.token(), lab.token({ aud: 'x' }), lab.token({ client_id: 'another-bot' }), lab.token({}, {}, elsewhere)];
  for (const token of tokens) {
    await rest(lab, token);
    await mcp(lab, token);
    await lab.ask(null, 'GET', `/v1/calls?access_token=${token}`);
    await lab.ask(null, 'POST', `/mcp?access_token=${token}`, { body: message });
  }
  lab.provider.instead = (response) => json(response, 500, {});
  await lab.clock.advance(20 * 60_000);
  await rest(lab, lab.token());
  expect(told.join('')).toContain('could not be fetched');
  await lab.gateway.close();
  const files = readdirSync(lab.home).map((name) => readFileSync(join(lab.home, name)));
  for (const part of tokens.flatMap((token) => token.split('.').slice(1))) {
    expect(files.some((bytes) => bytes.includes(part))).toBe(false);
    expect(told.join('')).not.toContain(part);
  }
});

test('a token in the address is no token', async () => {
  const lab = await openIdentityLab();
  const agent = await lab.addAgent('Support Agent', bot);
  const path = `/v1/calls?access_token=${lab.token()}`;
  expect((await lab.ask(null, 'GET', path)).status).toBe(401);
  // Nor beside a key: what stood in an address stands in the logs of proxies.
  const { status, body } = await lab.ask(agent, 'GET', path);
  expect([status, body.troubleshoot]).toEqual([400, expect.stringContaining('never in the address')]);
  expect((await lab.ask(null, 'POST', `/mcp?access_token=${lab.token()}`, { body: message })).status).toBe(401);
});

test('a token is no password', async () => {
  const lab = await openIdentityLab();
  const { id } = await lab.addAgent('Support Agent', bot);
  const authorization = `Basic ${Buffer.from(`${id}:${lab.token()}`).toString('base64')}`;
  expect((await lab.ask(null, 'GET', '/v1/calls', { authorization })).status).toBe(401);
});

test('whatever a token says grants nothing, and a missing grant is told where an agent can read it', async () => {
  const lab = await openIdentityLab();
  await lab.addAgent('Support Agent', { subjects: ['support-bot'] });
  const token = lab.token({ scope: 'mcp calls:full admin', roles: ['admin'], permissions: ['*'], groups: ['owners'] });
  const answer = await rest(lab, token);
  expect([answer.status, answer.body.code, answer.headers['www-authenticate']]).toEqual([403, 'not_granted', undefined]);
  const client = await connect(lab, { key: token }, 'modern');
  expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('aircall_calls_list');
  expect(lab.upstream()).toEqual([]);
});

test('a subject taken off an agent, a paused and a revoked one: refused at the next request, though the token is good', async () => {
  const lab = await openIdentityLab();
  const { id } = await lab.addAgent('Support Agent', bot);
  const token = lab.token();
  const statuses = async () => [(await rest(lab, token)).status, (await mcp(lab, token)).status];
  const change = (changes: object) => lab.changePolicy(({ agents }) => ({ agents: { ...agents, [id]: { ...agents[id]!, ...changes } } }));
  expect((await rest(lab, token)).status).toBe(200);
  await change({ subjects: ['another-bot'] });
  expect(await statuses()).toEqual([401, 401]);
  await change({ subjects: ['support-bot'], status: 'paused' });
  expect(await statuses()).toEqual([403, 401]);
  await change({ status: 'active' });
  expect((await rest(lab, token)).status).toBe(200);
  await change({ status: 'revoked' });
  expect(await statuses()).toEqual([401, 401]);
});

test('an agent without a subject cannot be reached by any token, and keys go on beside tokens', async () => {
  const lab = await openIdentityLab();
  const agent = await lab.addAgent('Support Agent', { grants: { calls: 'read' } });
  for (const subject of ['', agent.id, 'Support Agent', 'undefined', 'null']) {
    expect((await rest(lab, lab.token({ client_id: subject, sub: subject }))).status, subject).toBe(401);
  }
  expect((await rest(lab, agent.key)).status).toBe(200);
});

test('a subject that two agents have is neither’s', async () => {
  const lab = await openIdentityLab();
  await lab.addAgent('Support Agent', bot);
  await lab.addAgent('Other Agent', bot);
  expect((await rest(lab, lab.token())).status).toBe(401);
});

test('who waits for news is let go when the token has ended', async () => {
  const lab = await openIdentityLab();
  await lab.addAgent('Support Agent', bot);
  const client = await connect(lab, { key: lab.token() }, 'modern');
  let isClosed = false;
  const listening = await client.listen({ toolsListChanged: true });
  void listening.closed.finally(() => (isClosed = true));
  await lab.clock.advance(60_000);
  expect(isClosed).toBe(false);
  const later = async () => {
    await lab.clock.advance(60_000);
    return isClosed;
  };
  await expect.poll(later, { timeout: 10_000 }).toBe(true);
  expect(lab.records().at(-1)?.sentence).toContain('The token expired on');
});

test('approvals and confirmations stay with the agent, not with the token', async () => {
  const lab = await openIdentityLab();
  const own = await lab.addAgent('Support Agent', { subjects: ['support-bot'], grants: { tags: 'full' } });
  await lab.addAgent('Other Agent', { subjects: ['other-bot'], grants: { tags: 'full' } });
  const tag = Number([...lab.simulator.company.tags.all()][0]?.id);
  const remove = (token: string, headers: Readonly<Record<string, string>> = {}) =>
    lab.ask(null, 'DELETE', `/v1/tags/${tag}`, { authorization: `Bearer ${token}`, headers });
  const asked = await remove(lab.token());
  expect(asked.body.code).toBe('confirm_required');
  const confirm = { 'x-confirm-token': String(asked.body.confirm_token) };
  expect((await remove(lab.token({ client_id: 'other-bot' }), confirm)).body.code).toBe('confirm_invalid');
  // Another token of the same agent, or its key, is the same agent.
  expect((await lab.ask(own, 'DELETE', `/v1/tags/${tag}`, { headers: confirm })).status).toBeLessThan(300);
});

test('a key that is new at the provider is fetched when a token names it, and invented names do not make us ask again and again', async () => {
  const lab = await openIdentityLab();
  await lab.addAgent('Support Agent', bot);
  const fetches = () => lab.provider.received.filter(({ path }) => path === '/tenant/keys').length;
  expect((await rest(lab, lab.token())).status).toBe(200);
  const fresh = makeSigningKey('ES256');
  lab.provider.keys = [jwkOf(fresh)];
  await lab.clock.advance(60_000);
  expect((await rest(lab, lab.token({}, {}, fresh))).status).toBe(200);
  expect(fetches()).toBe(2);
  // What was taken back counts no more.
  expect((await rest(lab, lab.token())).status).toBe(401);
  for (let times = 0; times < 5; times += 1) await rest(lab, lab.token({}, { kid: `invented-${times}` }));
  expect(fetches()).toBe(2);
});

test.each<[string, (lab: IdentityLab) => void, string]>([
  ['is down', (lab) => (lab.provider.instead = (response) => response.destroy()), 'the connection failed'],
  ['fails', (lab) => (lab.provider.instead = (response) => json(response, 503, {})), 'status 503'],
  ['does not answer', (lab) => (lab.provider.instead = () => lab.giveUp()), 'in time'],
  [
    'sends us elsewhere',
    (lab) => (lab.provider.instead = (response) => void response.writeHead(302, { location: `${lab.url}/` }).end()),
    'led elsewhere',
  ],
  ['sends too much', (lab) => (lab.provider.instead = (response) => void response.end(' '.repeat(300_000))), 'too large'],
  ['sends no JSON', (lab) => (lab.provider.instead = (response) => void response.end('<html>')), 'not JSON'],
  ['describes another', (lab) => (lab.provider.instead = (response) => json(response, 200, { issuer: 'x', keys: [] })), 'another issuer'],
  ['has shared secrets alone', (lab) => (lab.provider.keys = [{ kty: 'oct', k: 'AAAA', kid: 'a' }]), 'no public key'],
  ['has private keys alone', (lab) => (lab.provider.keys = [privateJwk(lab)]), 'no public key'],
])('when the provider %s, tokens wait and keys work: 503 with Retry-After, and the log says so', async (_what, arrange, why) => {
  const told: string[] = [];
  const log = createLog({ level: 'warn', format: 'text', write: (line) => told.push(line) });
  const lab = await openIdentityLab({ log });
  const agent = await lab.addAgent('Support Agent', bot);
  arrange(lab);
  const answers = [await rest(lab, lab.token()), await mcp(lab, lab.token())];
  for (const { status, headers } of answers)
    expect([status, headers['retry-after'], headers['www-authenticate']]).toEqual([503, '15', undefined]);
  expect(lab.records().map(({ sentence }) => sentence)).toEqual([
    expect.stringContaining('so the token could not be checked'),
    expect.stringContaining('so the token could not be checked'),
  ]);
  expect(told.join('')).toContain(why);
  expect((await rest(lab, agent.key)).status).toBe(200);
  lab.provider.instead = null;
  lab.provider.keys = [jwkOf(lab.provider.key)];
  await lab.clock.advance(15_000);
  expect((await rest(lab, lab.token())).status).toBe(200);
});

function rest(lab: IdentityLab, token: string) {
  return lab.ask(null, 'GET', '/v1/calls?per_page=1', { authorization: `Bearer ${token}` });
}

function mcp(lab: IdentityLab, token: string) {
  return lab.ask(null, 'POST', '/mcp', { authorization: `Bearer ${token}`, body: message });
}

/** Without what differs from request to request. */
function shown({ status, headers, text }: Awaited<ReturnType<typeof rest>>) {
  const { date: _date, 'content-length': _length, 'x-gateway-decision': _decision, ...others } = headers;
  return { status, others, text: text.replaceAll(/call-\d+/g, 'call') };
}

function seconds(lab: IdentityLab): number {
  return Math.floor(lab.clock.now() / 1000);
}

function privateJwk({ provider: { key } }: IdentityLab): object {
  return { ...createPrivateKey(key.privateKey.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' }), kid: key.kid };
}

/** Of the curve P-256: with (r, s) its negative (r, n - s) is a signature, too. */
const orderOfP256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

test('one token without jti has one name in the log, however its signature is written', async () => {
  const lab = await openIdentityLab();
  await lab.addAgent('Support Agent', { subjects: ['support-bot'], grants: { calls: 'read' } });
  const key = makeSigningKey('ES256');
  lab.provider.keys = [jwkOf(key)];
  const token = lab.token({ jti: undefined }, {}, key);
  const body = token.slice(0, token.lastIndexOf('.'));
  const signature = Buffer.from(token.slice(body.length + 1), 'base64url');
  const other = (orderOfP256 - BigInt(`0x${signature.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0');
  const turned = Buffer.concat([signature.subarray(0, 32), Buffer.from(other, 'hex')]).toString('base64url');
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = letters.indexOf(token.at(-1) ?? '');
  const variants = [token, `${body}.${turned}`, `${token}==`, `${token.slice(0, -1)}${letters[last ^ 1]}`];
  for (const each of variants) {
    expect(await lab.ask(null, 'GET', '/v1/calls?per_page=1', { authorization: `Bearer ${each}` })).toMatchObject({ status: 200 });
  }
  const named = lab
    .records()
    .filter(({ who }) => who.agent !== null)
    .map(({ who }) => who.keyId);
  expect(new Set(named).size).toBe(1);
});
