// What the connector is handed instead of opening it: a client for the endpoint of a task.
import type { Credential } from '../../client/index.ts';
import type { Log } from '../../base/index.ts';
import type { OpenedAircall } from '../airbyte/run.ts';

export type Endpoint = {
  readonly credential: Credential;
  readonly baseUrl: string;
  /** Requests a minute that Aircall grants the company, or `off`. */
  readonly quota: number | 'off';
  /** How many of them are left to others. */
  readonly reserve: number;
};

/** Sends nothing. Rejects with `UsageError` for an endpoint that cannot be. */
export type Connect = (endpoint: Endpoint, log: Log) => Promise<OpenedAircall>;
