import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { limits } from '../aircall/index.ts';
import type { Clock, Log } from '../base/index.ts';
import { createClient } from '../client/index.ts';
import type { Aircall, Credential } from '../client/index.ts';
import { openBudget, stateFolder } from '../store/index.ts';
import type { OpenBudget } from '../store/index.ts';

export type ConnectOptions = {
  readonly credential: Credential;
  /** Default: `https://api.aircall.io`. Plain http only to this machine. */
  readonly baseUrl?: string | undefined;
  /** Whose request budget it is; two keys of one company need the same name. Default: a hash of base URL and key. */
  readonly company?: string | null | undefined;
  /** Requests a minute that Aircall grants the company, or `off`. Default: 120. */
  readonly quota?: number | 'off' | undefined;
  /** How many of them are left to others. Default: 10. */
  readonly reserve?: number | undefined;
  /** Where the budgets of this user lie. Default: the user's state folder. */
  readonly stateFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
};

export type Connection = {
  readonly aircall: Aircall;
  readonly budget: OpenBudget;
  /** Safe to call twice. */
  readonly close: () => Promise<void>;
};

const defaultReserve = 10;

/**
 * A client whose requests are counted with those of every other Trunkline process of this user. Opens no connection yet.
 * Throws `UsageError` for options that cannot be used, `EnvironmentError` where the shared budget cannot be kept.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { credential, baseUrl = limits.origin, quota = limits.rate.requests, reserve = defaultReserve, signal, clock, log } = options;
  const company = options.company ?? companyOf(baseUrl, credential);
  const folder = join(options.stateFolder ?? stateFolder(), 'budget');
  const budget = await openBudget({ company, quota, reserve, folder, clock, signal });
  const given = {
    ...(clock === undefined ? {} : { clock }),
    ...(log === undefined ? {} : { log }),
    ...(signal === undefined ? {} : { signal }),
  };
  const aircall = createClient({ credential, baseUrl, budget, priority: 'pipeline', ...given });
  const close = async () => {
    await aircall.close();
    budget.close();
  };
  return { aircall, budget, close };
}

/** A key does not tell which company it is of, so each key counts as one until somebody names the company. */
function companyOf(baseUrl: string, credential: Credential): string {
  const key = 'accessToken' in credential ? credential.accessToken : credential.apiId;
  return createHash('sha256').update(`${baseUrl}\n${key}`).digest('hex').slice(0, 16);
}
