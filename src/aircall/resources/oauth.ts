// OAuth: how a technology partner turns an admin's consent into a token.
import { endpoint } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';

const oauthToken = entity({
  name: 'oauth_token',
  meaning: 'A token that works until the integration is removed. It never expires and is never refreshed.',
  fields: {
    access_token: field.text('Goes into the Authorization header.', { class: 'secret' }),
    token_type: field.text('How it goes there.', { values: ['Bearer'] }),
    created_at: field.moment('seconds', 'When it was issued.', { optional: true, unconfirmed: true }),
  },
});
export type OauthToken = EntityOf<typeof oauthToken>;

export const oauth = {
  exchangeCode: endpoint({
    id: 'oauth.exchangeCode',
    title: 'Exchange an authorisation code for a token',
    area: 'oauth',
    method: 'POST',
    path: '/v1/oauth/token',
    effect: 'add',
    agents: { never: 'it hands out a key to the whole company' },
    body: {
      grant_type: { type: 'text', required: true, values: ['authorization_code'], meaning: 'What is exchanged.' },
      code: { type: 'text', required: true, class: 'secret', meaning: 'The code that came with the redirect.' },
      redirect_uri: { type: 'text', required: true, format: 'https-url', meaning: 'The address the code was sent to.' },
      client_id: { type: 'text', required: true, meaning: 'The client id Aircall issued to the partner.' },
      client_secret: { type: 'text', required: true, class: 'secret', meaning: 'The client secret Aircall issued to the partner.' },
    },
    answer: { envelope: 'bare', of: oauthToken },
    status: 200,
    credentials: 'none',
    refusals: [
      { status: 400, when: 'The code is wrong, used already or too old.', unconfirmed: true },
      { status: 401, when: 'The client id or client secret is wrong.', unconfirmed: true },
    ],
  }),
} as const;
