import type { Endpoint, SwitchSettings } from '../../aircall/index.ts';
import type { UnknownRecord } from '../../base/index.ts';
import type { Company } from '../company/company.ts';
import type { Texts } from '../company/texts.ts';
import type { OauthDesk } from '../oauth-desk.ts';
import type { ApiRequest, ApiResponse } from './message.ts';
import type { Query } from './query.ts';

/** Everything a handler may look at and change while it answers one request. */
export type Exchange = {
  readonly request: ApiRequest;
  readonly endpoint: Endpoint;
  /** Path parameters, decoded. */
  readonly at: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: UnknownRecord;
  readonly company: Company;
  readonly texts: Texts;
  readonly switches: SwitchSettings;
  /** Different for every request: draws what has no stable order. */
  readonly seed: number;
  readonly oauth: OauthDesk;
  readonly credential: 'basic' | 'oauth';
  /** Where the links between pages lead. */
  readonly origin: string;
  /** Told after a list counted its rows and before it reads the page, as two queries of one transactionless server. */
  readonly afterCount: () => void;
};

export type Handler = (exchange: Exchange) => ApiResponse;
