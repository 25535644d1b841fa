// The OAuth flow of a technology partner, with the redirect received on this machine:
//
//   AIRCALL_CLIENT_ID, AIRCALL_CLIENT_SECRET   issued by Aircall, together with
//   AIRCALL_REDIRECT_URI                       the address Aircall redirects to, which must lead to this process
//   AIRCALL_BASE_URL                           another Aircall than the real one
//
// Prints where to send the admin, waits for the redirect, and says who consented. Keep the token like a password.
import { createServer } from 'node:http';
import { authorizeUrl, createClient, createState, exchangeCode, readCallback } from 'trunkline/client';

const {
  AIRCALL_CLIENT_ID: clientId = '',
  AIRCALL_CLIENT_SECRET: clientSecret = '',
  AIRCALL_REDIRECT_URI: redirectUri = 'http://127.0.0.1:4243/callback',
  AIRCALL_BASE_URL,
} = process.env;
const at = AIRCALL_BASE_URL ? { baseUrl: AIRCALL_BASE_URL } : {};

const state = createState();
const received = new Promise<URL>((resolve) => {
  const { port, pathname } = new URL(redirectUri);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', redirectUri);
    if (url.pathname !== pathname) {
      response.writeHead(404).end();
      return;
    }
    response.end('You can close this page.');
    server.close();
    resolve(url);
  }).listen(Number(port), '127.0.0.1');
});
console.log(`Open this as an admin of the Aircall account:\n${authorizeUrl({ clientId, redirectUri, state })}`);

const code = readCallback(await received, { state });
const { accessToken } = await exchangeCode({ clientId, clientSecret, code, redirectUri, ...at });
const aircall = createClient({ credential: { accessToken }, ...at });
const company = await aircall.company.retrieve();
console.log(`${company.name} has ${company.users_count} users and ${company.numbers_count} numbers.`);

await aircall.close();
