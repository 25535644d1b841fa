// The rooms put together as the settings say: the client with the machine's budget, the destination, the fields.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { nearest, UsageError } from '../base/index.ts';
import type { Log } from '../base/index.ts';
import { createDestination } from '../destinations/index.ts';
import { connect } from '../library/index.ts';
import type { Connection } from '../library/index.ts';
import type { Destination } from '../load/index.ts';
import { declaredTables } from '../rows/index.ts';
import type { FieldSettings } from '../rows/index.ts';
import { stateFolder } from '../store/index.ts';
import { streams } from '../streams/index.ts';
import { chooseCredential, credentialSettings } from './credential.ts';
import type { ChosenCredential } from './credential.ts';
import type { ConfigFile } from './settings/config-file.ts';
import { configFileName } from './settings/file-names.ts';
import type { Origins, Settings } from './settings/resolve.ts';
import type { World } from './world.ts';

/** The settings that say how Aircall is reached. */
export const aircallSettings = [...credentialSettings, 'company', 'quota', 'reserve'] as const;
/** The settings that say where rows go. */
export const destinationSettings = ['destination', 'dataset', 'memory'] as const;
/** The settings that say what is written to stderr. */
export const logSettings = ['log', 'logFormat'] as const;

type Wired<N extends keyof Settings> = Pick<World, 'cwd' | 'env' | 'signal' | 'clock'> & {
  readonly settings: Settings<N>;
  readonly origins: Origins;
};

export type OpenAircall = Connection & { readonly credential: ChosenCredential };

/** A client whose requests are counted with those of every other process of this user. Throws `UsageError` without a credential. */
export async function openAircall(context: Wired<(typeof aircallSettings)[number]>, log: Log): Promise<OpenAircall> {
  const { settings, origins, cwd, env, signal, clock } = context;
  const { baseUrl, company, quota, reserve } = settings;
  const chosen = await chooseCredential({ cwd, settings, origins });
  const { credential } = chosen;
  const connection = await connect({ credential, baseUrl, company, quota, reserve, stateFolder: stateFolder({ env }), signal, clock, log });
  return { ...connection, credential: chosen };
}

/** The destination that the settings name. Its folder is made when it is missing. Throws `UsageError` when it cannot be. */
export function destinationOf(context: Pick<Wired<(typeof destinationSettings)[number]>, 'cwd' | 'settings'>): Destination {
  const { cwd, settings } = context;
  const path = resolve(cwd, settings.destination.path);
  prepareFolder(dirname(path), `The folder of the destination ${settings.destination.label}`, { private: false });
  return createDestination(settings.destination, { cwd, dataset: settings.dataset, memory: settings.memory });
}

/** The folder for packages and runs, made for its owner only. Throws `UsageError` when it cannot be made or written. */
export function homeOf(context: Pick<Wired<'home'>, 'cwd' | 'settings'>): string {
  const home = resolve(context.cwd, context.settings.home);
  prepareFolder(home, `The home folder ${context.settings.home} (TRUNKLINE_HOME)`, { private: true });
  return home;
}

/** What the configuration file says about fields, per stream. Throws `UsageError` for a stream that does not exist. */
export function fieldsOf(file: ConfigFile, salt: string | null): Readonly<Record<string, FieldSettings>> {
  const general = {
    ...present('onTypeChange', file.onTypeChange),
    ...present('newColumns', file.contracts?.newColumns),
    ...present('salt', salt),
  };
  const names = streams.map((stream) => stream.name);
  for (const [name, settings] of Object.entries(file.fields ?? {})) {
    const stream = streams.find((each) => each.name === name);
    if (stream === undefined) throw unknownStream(name, names);
    if (settings.hash !== undefined && settings.hash.length > 0 && salt === null) {
      throw new UsageError({
        code: 'salt_missing',
        message: `In ${configFileName}, fields of ${name} are to be hashed (${settings.hash.join(', ')}), and there is no salt.`,
        hint: 'Set TRUNKLINE_HASH_SALT to a long random text and keep it: without a salt phone numbers can be guessed back.',
      });
    }
    // Throws for settings that fit nothing; better now than after the first requests.
    declaredTables(stream.shape, { ...general, ...settings });
  }
  return Object.fromEntries(names.map((name) => [name, { ...general, ...file.fields?.[name] }]));
}

function unknownStream(name: string, names: readonly string[]): UsageError {
  const near = nearest(name, names);
  return new UsageError({
    code: 'config_file',
    message: `In ${configFileName}, "fields" names the stream "${name}", which does not exist.`,
    hint: near === null ? `Streams are: ${names.join(', ')}.` : `Did you mean "${near}"?`,
  });
}

function prepareFolder(path: string, what: string, { private: isPrivate }: { readonly private: boolean }): void {
  try {
    mkdirSync(path, { recursive: true, ...(isPrivate ? { mode: 0o700 } : {}) });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new UsageError(
      {
        code: 'folder_unwritable',
        message: `${what} cannot be written${reason}.`,
        hint: 'Name a folder this user may write, such as ./data.',
      },
      { cause: error },
    );
  }
}

function present<const N extends string, V>(name: N, value: V | null | undefined): { readonly [K in N]?: V } {
  return value === null || value === undefined ? {} : ({ [name]: value } as { readonly [K in N]: V }); // the one name that was given
}
