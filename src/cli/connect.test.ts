// `connect` with a simulated Aircall on the other side: consent, redirect, exchange, and the token kept encrypted.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openShell, type Shell } from '../../test/support/cli.ts';
import { startSimulator, type Simulator } from '../simulator/index.ts';

const kek = randomBytes(32).toString('base64');

test('the redirect is received on this machine, and the token is used from then on', async () => {
  const { simulator, shell } = await partner();
  const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  const ended = shell.run('connect', '--redirect-uri', redirectUri);
  await consent(simulator, shell, async (redirected) => {
    expect((await fetch(new URL('/callback?code=forged&state=guessed', redirectUri))).status).toBe(404);
    expect((await fetch(redirected)).status).toBe(200);
  });
  expect(await ended).toMatchObject({ code: 0 });
  expect(readFileSync(join(shell.cwd, '.trunkline', 'credential.json'), 'utf8')).not.toContain(simulator.accessToken);
  const check = await shell.run('check', 'users');
  expect(check.stdout).toContain('trunkline connect');
  expect(check.code).toBe(0);
  delete shell.env['TRUNKLINE_KEK'];
  expect(await shell.run('check')).toMatchObject({ code: 2, stdout: expect.stringContaining('TRUNKLINE_KEK') as unknown });
});

test('without a way back to this machine the redirected address is pasted', async () => {
  const { simulator, shell } = await partner({ asks: true });
  const ended = shell.run('connect', '--redirect-uri', 'https://partner.example.com/aircall');
  let oauthCode = '';
  await consent(simulator, shell, async (redirected) => {
    oauthCode = redirected.searchParams.get('code') ?? '';
    shell.type(redirected.href);
  });
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(0);
  expect(oauthCode).not.toBe('');
  expect(stdout + stderr).not.toContain(oauthCode);
});

test('a refused consent ends with 3, a foreign state is not accepted', async () => {
  const { simulator, shell } = await partner({ asks: true });
  simulator.oauth.consents = false;
  const refused = shell.run('connect', '--redirect-uri', 'https://partner.example.com/aircall');
  await consent(simulator, shell, async (redirected) => shell.type(redirected.href));
  expect(await refused).toMatchObject({ code: 3 });

  const foreign = shell.run('connect', '--redirect-uri', 'https://partner.example.com/aircall');
  await consent(simulator, shell, async () => shell.type('https://partner.example.com/aircall?code=stolen&state=other'));
  expect(await foreign).toMatchObject({ code: 1, stderr: expect.stringContaining('state') as unknown });
});

test.each([
  ['TRUNKLINE_KEK', 'openssl rand -base64 32'],
  ['AIRCALL_CLIENT_ID', 'AIRCALL_CLIENT_ID'],
  ['AIRCALL_CLIENT_SECRET', 'AIRCALL_CLIENT_SECRET'],
])('without %s it says how to get one', async (name, hint) => {
  const { shell } = await partner();
  delete shell.env[name];
  const { code, stderr } = await shell.run('connect', '--redirect-uri', 'https://partner.example.com/aircall');
  expect(code).toBe(2);
  expect(stderr).toContain(hint);
});

test.each(['http://partner.example.com/aircall', 'nonsense'])('the redirect URI %s is refused', async (uri) => {
  const { shell } = await partner();
  expect(await shell.run('connect', '--redirect-uri', uri)).toMatchObject({ code: 2 });
});

async function partner(options: { readonly asks?: boolean } = {}): Promise<{ simulator: Simulator; shell: Shell }> {
  const simulator = await startSimulator({ calls: 5, contacts: 5 });
  onTestFinished(() => simulator.close());
  const { clientId, clientSecret } = simulator.oauth.client;
  const env = {
    AIRCALL_BASE_URL: simulator.baseUrl,
    AIRCALL_CLIENT_ID: clientId,
    AIRCALL_CLIENT_SECRET: clientSecret,
    TRUNKLINE_KEK: kek,
    NO_COLOR: '1',
  };
  return { simulator, shell: openShell({ env, ...(options.asks === true ? { answers: [] } : {}) }) };
}

/** What an admin's browser does with the printed address: asks the dashboard, and is sent to the redirect URI. */
async function consent(simulator: Simulator, shell: Shell, arrive: (redirected: URL) => Promise<void>): Promise<void> {
  const printed = () => /https:\/\/dashboard\S+/.exec(shell.shown().stderr)?.[0];
  await expect.poll(printed, { timeout: 30_000 }).toBeDefined();
  const address = new URL(simulator.authorizeUrl);
  address.search = new URL(printed() ?? '').search;
  const response = await fetch(address, { redirect: 'manual' });
  const location = response.headers.get('location') ?? '';
  await expect
    .poll(() => new URL(location).protocol === 'http:' || shell.shown().stderr.includes('paste that whole address'), { timeout: 30_000 })
    .toBe(true);
  await arrive(new URL(location));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
