// How one proves to Aircall who one is. Source: developer.aircall.io.

export const credentials = {
  /** A customer's own key pair, made in the dashboard. It reads, writes and deletes everything: there are no scopes. */
  basic: {
    header: 'Authorization',
    scheme: 'Basic',
    pair: ['api_id', 'api_token'],
    madeIn: 'the Aircall dashboard, under Integrations & API, API keys',
  },
  /** A partner's token, issued once an admin consented. It works until the integration is removed. */
  oauth: {
    header: 'Authorization',
    scheme: 'Bearer',
    authorizeUrl: 'https://dashboard.aircall.io/oauth/authorize',
    responseType: 'code',
    grantType: 'authorization_code',
    scope: 'public_api',
  },
} as const;
