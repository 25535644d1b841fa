import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { EnvironmentError, Interrupted, messageOf, UsageError } from '../../base/index.ts';
import { authorizeUrl, createState, exchangeCode, readCallback } from '../../client/index.ts';
import { defineCommand, option } from '../command.ts';
import { keepCredential, kekMissing } from '../credential-file.ts';
import { exitCodes } from '../exit-codes.ts';
import { ask } from '../output/prompt.ts';
import { styleOf } from '../output/style.ts';
import { InvalidValue, isLoopback } from '../settings/parse.ts';
import { homeOf } from '../wire.ts';

export const command = defineCommand({
  description:
    'For technology partners: gets an OAuth token. It prints the address where an admin of the Aircall account gives consent, receives the ' +
    'code (on this machine when the redirect URI leads here, else by paste), exchanges it, and keeps the token encrypted in the home folder. ' +
    'The keys are read from AIRCALL_CLIENT_ID, AIRCALL_CLIENT_SECRET and TRUNKLINE_KEK.',
  examples: [
    {
      line: 'trunkline connect --redirect-uri https://partner.example.com/aircall',
      does: 'Asks for the address the admin was redirected to.',
    },
    { line: 'trunkline connect --redirect-uri http://127.0.0.1:4243/callback', does: 'Receives the redirect on this machine.' },
  ],
  options: {
    redirectUri: option.value('uri', 'The redirect URI registered with Aircall.', {
      parse: parseRedirect,
      example: 'https://partner.example.com/aircall',
    }),
    paste: option.switch('Ask for the redirected address even when it leads to this machine.'),
  },
  settings: ['clientId', 'clientSecret', 'kek', 'home', 'baseUrl'],
  async run(context) {
    const { settings, options, stdout, stderr, env, signal, clock } = context;
    const { clientId, clientSecret, kek, baseUrl } = settings;
    const { redirectUri, paste } = options;
    if (kek === null) throw await kekMissing('A token would be kept encrypted, and TRUNKLINE_KEK is not set.');
    if (clientId === null || clientSecret === null) {
      throw new UsageError({
        code: 'client_missing',
        message: `${clientId === null ? 'AIRCALL_CLIENT_ID' : 'AIRCALL_CLIENT_SECRET'} is not set.`,
        hint: 'Aircall gives client id and secret to technology partners. For your own account use an API key: trunkline init.',
      });
    }
    if (redirectUri === undefined) {
      throw new UsageError({
        code: 'redirect_missing',
        message: 'There is no redirect URI.',
        hint: 'Give the one registered with Aircall, such as --redirect-uri https://partner.example.com/aircall.',
      });
    }
    const home = homeOf(context);
    const state = createState();
    const address = authorizeUrl({ clientId, redirectUri: redirectUri.href, state });
    const style = styleOf(stderr, env);
    await stderr.write(`An admin of the Aircall account opens this address and allows the integration:\n\n  ${style.cyan(address)}\n\n`);

    const isHere = redirectUri.protocol === 'http:' && isLoopback(redirectUri.hostname) && !paste;
    const redirected = isHere ? await receive(redirectUri, state, signal) : await pasted(context, redirectUri);
    const code = readCallback(redirected, { state });
    const { accessToken } = await exchangeCode({ clientId, clientSecret, code, redirectUri: redirectUri.href, baseUrl, signal });
    const path = await keepCredential({ home: resolve(home), kek, accessToken, baseUrl, now: new Date(clock.now()) });
    await stdout.write(`The token works until the integration is removed. It is kept, encrypted, in ${path}.\n`);
    await stdout.write(`Next: trunkline check, then trunkline sync.\n`);
    return exitCodes.done;
  },
});

function parseRedirect(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const usable = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)));
  if (!usable) throw new InvalidValue('is not an https address, nor one of this machine');
  return url;
}

async function pasted(context: Parameters<typeof ask>[0], redirectUri: URL): Promise<URL> {
  const text = await ask(context, {
    text: `The browser ends at ${redirectUri.origin}${redirectUri.pathname}?code=…; paste that whole address:`,
    secret: true,
    instead: 'Run trunkline connect in a terminal, or use a redirect URI that leads to this machine.',
  });
  if (URL.canParse(text)) return new URL(text);
  throw new UsageError({
    code: 'redirect_pasted',
    message: 'What was pasted is not an address.',
    hint: `Copy everything from the browser's address bar, beginning with ${redirectUri.origin}.`,
  });
}

/** Waits for the browser to come back to this machine with an answer to our state. Requests of others are turned away. */
function receive(redirectUri: URL, state: string, signal: AbortSignal): Promise<URL> {
  return new Promise((settle, reject) => {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', redirectUri);
      if (request.method !== 'GET' || url.pathname !== redirectUri.pathname || url.searchParams.get('state') !== state) {
        say(response, 404, 'Nothing is waited for here.');
        return;
      }
      say(
        response,
        200,
        url.searchParams.has('code') ? 'Done. Go back to the terminal; this page can be closed.' : 'The consent was refused.',
      );
      end(() => settle(url));
    });
    const end = (act: () => void) => {
      signal.removeEventListener('abort', stop);
      server.close();
      server.closeIdleConnections();
      act();
    };
    const stop = () => end(() => reject(new Interrupted({ cause: signal.reason })));
    signal.addEventListener('abort', stop, { once: true });
    server.once('error', (error) => {
      end(() =>
        reject(
          new EnvironmentError(
            {
              code: 'redirect_port',
              message: `${redirectUri.host} cannot be listened on: ${messageOf(error)}.`,
              hint: 'End what uses the port, or add --paste and paste the redirected address.',
            },
            { cause: error },
          ),
        ),
      );
    });
    server.listen(Number(redirectUri.port || 80), redirectUri.hostname.replace(/^\[|\]$/g, ''));
  });
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}
