// Where the text of a setting comes from: flags, then the environment, then .env, then trunkline.config.json, then the
// default. Each source is looked at once; what it says is understood elsewhere.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { UsageError } from '../../base/index.ts';
import type { Environment } from '../world.ts';
import type { ConfigFile } from './config-file.ts';
import { configFileName, environmentFileName } from './file-names.ts';
import { settingOf } from './table.ts';
import type { SettingName } from './table.ts';

export type Origin = {
  readonly layer: 'flag' | 'environment' | '.env' | 'file' | 'connection' | 'default';
  /** What a person would call the place: `--quota`, `TRUNKLINE_QUOTA`, `TRUNKLINE_QUOTA in .env`, … */
  readonly name: string;
};

/** The text of a setting, not yet understood. */
export type Found = { readonly text: string; readonly origin: Origin };

export type Sources = {
  /** Throws `UsageError` when a NAME_FILE cannot be read. */
  readonly find: (name: SettingName) => Found | null;
  readonly file: ConfigFile;
};

/** Reads .env and the configuration file of the working folder. Throws `UsageError` when one of them cannot be used. */
export async function readSources(options: {
  readonly cwd: string;
  readonly env: Environment;
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
}): Promise<Sources> {
  const { cwd, env, flags } = options;
  const dotEnv = readDotEnv(join(cwd, environmentFileName));
  const file = await readConfig(join(cwd, configFileName));

  const find = (name: SettingName): Found | null => {
    const setting = settingOf(name);
    const flag = flags[name];
    if (flag !== undefined) return { text: flag, origin: { layer: 'flag', name: `--${setting.flag?.split(' ')[0] ?? name}` } };
    const variable = fromVariables(name, env, 'environment', cwd) ?? fromVariables(name, dotEnv, '.env', cwd);
    if (variable !== null) return variable;
    const written = setting.file === undefined ? undefined : file.values[setting.file.key];
    if (written !== undefined && setting.file !== undefined) {
      return { text: written, origin: { layer: 'file', name: `"${setting.file.key}" in ${configFileName}` } };
    }
    return setting.default === null ? null : { text: setting.default, origin: { layer: 'default', name: 'the default' } };
  };
  return { find, file };
}

/** An empty variable counts as not set: that is how containers and CI systems leave one out. */
function fromVariables(name: SettingName, variables: Environment, layer: 'environment' | '.env', cwd: string): Found | null {
  const setting = settingOf(name);
  const place = (variable: string) => (layer === '.env' ? `${variable} in ${environmentFileName}` : variable);
  const direct = variables[setting.env] || undefined;
  const fileVariable = `${setting.env}_FILE`;
  const path = setting.secret ? variables[fileVariable] || undefined : undefined;
  if (direct !== undefined && path !== undefined) {
    throw new UsageError({
      code: 'setting_twice',
      message: `Both ${place(setting.env)} and ${place(fileVariable)} are set, and they may differ.`,
      hint: 'Remove one of them.',
    });
  }
  if (direct !== undefined) return { text: direct, origin: { layer, name: place(setting.env) } };
  if (path === undefined) return null;
  return { text: readSecretFile(resolve(cwd, path), place(fileVariable)), origin: { layer, name: place(fileVariable) } };
}

function readSecretFile(path: string, variable: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      {
        code: 'secret_file',
        message: `The file named by ${variable} cannot be read (${codeOf(error)}).`,
        hint: 'Name a file that holds nothing but the secret and that this user may read.',
      },
      { cause: error },
    );
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new UsageError({
    code: 'secret_file',
    message: `The file named by ${variable} is empty.`,
    hint: 'Name a file that holds nothing but the secret.',
  });
}

function readDotEnv(path: string): Environment {
  const text = readOptional(path, environmentFileName);
  return text === null ? {} : parseEnv(text);
}

async function readConfig(path: string): Promise<ConfigFile> {
  const text = readOptional(path, configFileName);
  if (text === null) return { values: {} };
  // Loaded only where there is a file: the validator takes a tenth of a second to load.
  const { parseConfigFile } = await import('./config-file.ts');
  return parseConfigFile(text);
}

function readOptional(path: string, name: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new UsageError(
      { code: 'settings_file', message: `${name} cannot be read (${codeOf(error)}).`, hint: 'Make it a file this user may read.' },
      { cause: error },
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
