// For partners: the integration behind OAuth credentials, and the exchange of a code for a token.
import type { Handler } from '../http/exchange.ts';
import { emptyAnswer, jsonAnswer } from '../http/message.ts';
import { refused } from '../http/refusals.ts';
import { userJson } from '../json/user-json.ts';

export const retrieveIntegration: Handler = ({ company, switches }) => {
  const installer = company.users.list()[0];
  const numberIds = company.numbers.list().map(({ id }) => id);
  const integration = {
    name: 'Sample Integration',
    custom_name: null,
    logo: 'https://assets.example.test/logo.png',
    company_id: 40_001,
    status: 'installed',
    active: company.side.isIntegrationActive,
    number_ids: numberIds,
    numbers_count: numberIds.length,
    user: installer === undefined ? null : (JSON.parse(userJson(installer, 'call', switches)) as unknown),
  };
  return jsonAnswer(200, JSON.stringify({ integration }));
};

export function switchIntegration(isActive: boolean): Handler {
  return ({ company, switches }) => {
    company.side.isIntegrationActive = isActive;
    return switches.integrationWriteStatus === 'status204' ? emptyAnswer() : jsonAnswer(200, '{}');
  };
}

export const exchangeCode: Handler = ({ company, oauth, body, switches }) => {
  const text = (name: string) => String(body[name]);
  const result = oauth.exchange(
    {
      grantType: text('grant_type'),
      code: text('code'),
      redirectUri: text('redirect_uri'),
      clientId: text('client_id'),
      clientSecret: text('client_secret'),
    },
    company.nowMs(),
  );
  if ('token' in result) {
    const issued = switches.oauthTokenTime === 'present' ? { created_at: company.now() } : {};
    return jsonAnswer(200, JSON.stringify({ access_token: result.token, token_type: 'Bearer', ...issued }));
  }
  const status = result.refusal === 'invalid_client' ? 401 : 400;
  if (switches.oauthErrorBody === 'application') return refused(status, 'The authorization code cannot be exchanged');
  const description = result.refusal === 'invalid_client' ? {} : { error_description: 'The authorization code is invalid or has expired' };
  return jsonAnswer(status, JSON.stringify({ error: result.refusal, ...description }));
};
