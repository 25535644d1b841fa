// The gateway's own file: agents and keys, the log, and what stands between an agent and an act. One file, so that a change
// and the record that tells about it are one transaction.
import { join } from 'node:path';
import { openDatabase } from '../database.ts';
import type { Database, DatabaseKind } from '../database.ts';
import { agentsTables } from './agents-tables.ts';
import { auditTables } from './audit-tables.ts';
import { frictionTables } from './friction-tables.ts';
import { peopleTables } from './people-tables.ts';

/**
 * `normal`: a commit survives the death of the process. What must survive a loss of power is made safe by the log itself,
 * which syncs the write-ahead file away from the event loop.
 */
const gatewayDatabase: DatabaseKind = {
  name: 'gateway',
  applicationId: 0x54_4c_47_31,
  synchronous: 'normal',
  migrations: [agentsTables + auditTables + frictionTables + peopleTables],
};

/** Opens `gateway.db` of a home folder (`TRUNKLINE_HOME`). Throws `EnvironmentError` as {@link openDatabase}. */
export async function openGatewayDatabase(options: {
  readonly home: string;
  readonly signal?: AbortSignal | undefined;
}): Promise<Database> {
  return openDatabase({ path: join(options.home, 'gateway.db'), kind: gatewayDatabase, signal: options.signal });
}
