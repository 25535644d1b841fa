// The client that a connector works with: its settings come from the platform, not from this machine.
import { EnvironmentError } from '../base/index.ts';
import type { Log } from '../base/index.ts';
import { createClient, createInProcessBudget } from '../client/index.ts';
import type { Credential } from '../client/index.ts';
import type { OpenedAircall } from '../connectors/index.ts';
import { connect } from '../library/index.ts';
import { stateFolder } from '../store/index.ts';
import type { World } from './world.ts';

export type ConnectorEndpoint = {
  readonly credential: Credential;
  readonly baseUrl: string;
  /** Whose budget it is; null: told by the credential. */
  readonly company: string | null;
  readonly quota: number | 'off';
  readonly reserve: number;
};

/** With the budget that all processes of this user share; where it cannot be kept, with one of this process alone. */
export async function openConnectorAircall(
  { credential, baseUrl, company, quota, reserve }: ConnectorEndpoint,
  log: Log,
  { env, clock, signal }: Pick<World, 'env' | 'clock' | 'signal'>,
): Promise<OpenedAircall> {
  try {
    const { aircall, budget, close } = await connect({
      credential,
      baseUrl,
      company,
      quota,
      reserve,
      stateFolder: stateFolder({ env }),
      signal,
      clock,
      log,
    });
    return { aircall, close, notice: null, requestsPerMinute: budget.status().allowed };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    const requestsPerMinute = quota === 'off' ? Infinity : quota;
    const budget = createInProcessBudget({ requestsPerMinute, reserve, clock });
    const aircall = createClient({ credential, baseUrl, budget, priority: 'pipeline', clock, log, signal });
    return {
      aircall,
      close: () => aircall.close(),
      requestsPerMinute: budget.status().allowed,
      notice: `The request budget is counted in this process alone, not with others on this machine: ${error.message}`,
    };
  }
}
