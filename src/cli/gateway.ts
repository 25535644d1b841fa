// The gateway put together for a command: its database, its keys, the policy, the log, and what stands between an agent and an act.
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { limits } from '../aircall/index.ts';
import { UsageError } from '../base/index.ts';
import type { Log } from '../base/index.ts';
import { AgentDesk, isPersonName, openAuditLog, openKeyring, PolicyStore } from '../gateway/index.ts';
import type { AuditLogOptions, KeyEnvironment, OpenAuditLog, OpenKeyring } from '../gateway/index.ts';
import { AgentStore, companiesOf, openGatewayDatabase, stateFolder } from '../store/index.ts';
import type { Database } from '../store/index.ts';
import { openKeyFile } from './gateway-key-file.ts';
import type { Settings } from './settings/resolve.ts';
import { homeOf } from './wire.ts';
import type { World } from './world.ts';

/** The settings that say where the gateway keeps what, and how it is sealed. */
export const gatewaySettings = ['home', 'company', 'kek', 'kekPrevious', 'baseUrl'] as const;

type Context = Pick<World, 'cwd' | 'env' | 'signal' | 'clock'> & {
  readonly settings: Settings<(typeof gatewaySettings)[number]>;
};

export type OpenGateway = {
  readonly company: string;
  readonly home: string;
  readonly database: Database;
  readonly keyring: OpenKeyring;
  readonly agents: AgentStore;
  readonly policies: PolicyStore;
  readonly audit: OpenAuditLog;
  /** Part of every new key: keys for Aircall itself differ from keys for anything else at a glance. */
  readonly environment: KeyEnvironment;
  /** Where changes are made, in the name of a person. */
  readonly desk: (operator: string) => AgentDesk;
  /** Waits for records that are being written. Safe to call twice. */
  readonly close: () => Promise<void>;
};

/** What can be opened when the log cannot: enough to look at it, and to verify it. */
export type OpenGatewayFiles = Pick<OpenGateway, 'company' | 'home' | 'database' | 'keyring' | 'agents' | 'policies'> & {
  /** Throws `AuditUnavailable` when the log is gone or its end was altered. */
  readonly openAudit: (listeners?: AuditListeners) => Promise<OpenAuditLog>;
  readonly close: () => void;
};

type AuditListeners = Pick<AuditLogOptions, 'onCheckpoint' | 'onWithheld'>;

/**
 * Opens `gateway.db` of the home folder and the gateway's keys; both are made at the first use. Throws `UsageError` and
 * `EnvironmentError` with what to do.
 */
export async function openGatewayFiles(context: Context): Promise<OpenGatewayFiles> {
  const { settings, env, signal, clock } = context;
  const { kek, kekPrevious: previousKek } = settings;
  const home = homeOf(context);
  refuseOpenFolder(home);
  const database = await openGatewayDatabase({ home, signal });
  try {
    const company = companyOf(settings.company, companiesOf(database));
    const agents = new AgentStore({ database, company });
    const file = openKeyFile({ folder: stateFolder({ env }), company });
    const now = () => new Date(clock.now());
    const keyring = await openKeyring({ store: agents, company, kek, previousKek, file, random: randomBytes, now, signal });
    const policies = new PolicyStore({ store: agents, company });
    const openAudit = (listeners: AuditListeners = {}) =>
      openAuditLog({
        database,
        company,
        keys: keyring.keys,
        clock,
        random: randomBytes,
        mayBegin: agents.policyNumber() === 0,
        ...listeners,
      });
    return { company, home, database, keyring, agents, policies, openAudit, close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Who may write into the folder can put another file in the place of gateway.db, whatever that file itself allows. */
function refuseOpenFolder(home: string): void {
  const found = statSync(home, { throwIfNoEntry: false });
  if (process.platform === 'win32' || found === undefined || (found.mode & 0o002) === 0) return;
  throw new UsageError({
    code: 'home_open',
    message: `Every user of this machine may write into ${home}, where the gateway keeps its policy and its log.`,
    hint: `Run chmod 700 on it, and trunkline audit verify to see whether somebody has been there.`,
  });
}

/** The same with the log. Throws `AuditUnavailable`, too. */
export async function openGateway(context: Context, listeners?: AuditListeners): Promise<OpenGateway> {
  const { openAudit, close: closeFiles, ...files } = await openGatewayFiles(context);
  const { clock, settings } = context;
  const { agents, policies, keyring } = files;
  let audit: OpenAuditLog | null = null;
  const close = async () => {
    try {
      await audit?.close();
    } finally {
      closeFiles();
    }
  };
  try {
    const log = await openAudit(listeners);
    audit = log;
    const environment = settings.baseUrl === limits.origin ? 'live' : 'test';
    const pepper = keyring.keys.agentKey;
    const desk = (operator: string) =>
      new AgentDesk({ store: agents, policies, audit: log, pepper, environment, operator, clock, random: randomBytes });
    return { ...files, audit: log, environment, desk, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Tells the log of a process about the gateway's own: each checkpoint, so that whoever collects those lines has checkpoints kept
 * elsewhere, and that something was kept out of a record.
 */
export function auditListenersOf(log: Log): AuditListeners {
  return {
    onCheckpoint: ({ company, seq, head, time, keyId, signature }) =>
      log.info('a checkpoint of the audit log', { company, seq, head, time, keyId, signature }),
    onWithheld: (places) => log.warn('what looked like personal data was kept out of a record of the audit log', { places }),
  };
}

/** What opening did to the gateway's keys, for stderr; null when nothing. */
export function keyringNotice({ keyring: { change, keptIn } }: Pick<OpenGateway, 'keyring'>): string | null {
  switch (change) {
    case 'made':
      return keptIn.kind === 'store'
        ? 'The gateway’s keys were made. They are kept in gateway.db, sealed with TRUNKLINE_KEK: whoever loses that key loses them.'
        : `The gateway’s keys were made. They are kept in ${keptIn.path}, for this user only: keep a copy, the log cannot be verified ` +
            'without them. With TRUNKLINE_KEK set they are sealed in gateway.db instead.';
    case 'sealed':
      return 'The gateway’s keys are now kept in gateway.db, sealed with TRUNKLINE_KEK; their file is gone.';
    case 'rewrapped':
      return 'The gateway’s keys are now sealed with the new TRUNKLINE_KEK; TRUNKLINE_KEK_PREVIOUS is not needed for them any more.';
    case null:
      return null;
  }
}

/** Who makes a change: what `--by` says, else the name of the system's user. Throws `UsageError` where neither can stand in the log. */
export function operatorOf(by: string | undefined): string {
  const name = by ?? systemUser();
  if (name !== null && isPersonName(name)) return name;
  throw new UsageError({
    code: 'operator',
    message:
      name === null ? 'The system does not say who you are, and the log names who changes what.' : 'That name cannot stand in the log.',
    hint: 'Give your name with --by: letters, digits, spaces and - _ . @, at most 60.',
  });
}

/** Null in a container that has no such user. */
function systemUser(): string | null {
  try {
    return userInfo().username.replaceAll(/[^\p{L}\p{N} _.@-]/gu, '-');
  } catch {
    return null;
  }
}

/** Without a name: the one company the file knows. */
export function companyOf(named: string | null, known: readonly string[]): string {
  if (named !== null) return named;
  if (known.length <= 1) return known[0] ?? 'default';
  throw new UsageError({
    code: 'company_missing',
    message: `gateway.db holds the agents of ${known.length} companies: ${known.join(', ')}.`,
    hint: 'Say which with --company or TRUNKLINE_COMPANY.',
  });
}
