// From the text of settings to their values, or to an error that says what was written where and what would be right.
import { checkDataset } from '../../destinations/index.ts';
import type { DestinationUrl } from '../../destinations/index.ts';
import { isTrunklineError, UsageError } from '../../base/index.ts';
import { InvalidValue } from './parse.ts';
import type { Found, Origin, Sources } from './sources.ts';
import { settingOf } from './table.ts';
import type { Setting, SettingName, SettingValue } from './table.ts';

export type Settings<N extends SettingName = SettingName> = {
  readonly [K in N]: SettingValue<K>;
};

/** Where each value came from, for messages and `explain`. Null: not set. */
export type Origins = Readonly<Partial<Record<SettingName, Origin | null>>>;

/** The values of the named settings. Throws `UsageError` at the first that cannot be used. */
export function resolveSettings<N extends SettingName>(names: readonly N[], sources: Sources): { settings: Settings<N>; origins: Origins } {
  const values: Partial<Record<SettingName, unknown>> = {};
  const origins: Partial<Record<SettingName, Origin | null>> = {};
  for (const name of names) {
    const found = sources.find(name);
    values[name] = found === null ? null : understand(name, found);
    origins[name] = found?.origin ?? null;
  }
  if (values.dataset !== undefined && values.destination !== undefined) {
    checkDataset(values.dataset as string, values.destination as DestinationUrl); // as their parsers return them
  }
  return { settings: values as Settings<N>, origins }; // each value came from its own setting's parser
}

/** The value that a text stands for. Throws `UsageError` naming the text (never a secret), its origin and an example. */
export function understand<N extends SettingName>(name: N, found: Found): SettingValue<N> {
  const setting: Setting = settingOf(name);
  try {
    return setting.parse(found.text) as SettingValue<N>; // the parser of this very setting
  } catch (error) {
    if (isTrunklineError(error)) {
      throw new UsageError(
        { code: error.code, message: `${error.message} It comes from ${found.origin.name}.`, hint: error.hint },
        { cause: error },
      );
    }
    if (!(error instanceof InvalidValue)) throw error;
    throw invalid({
      what: found.origin.name,
      text: setting.secret || mayHoldPassword(found.text) ? null : found.text,
      reason: error.message,
      example: exampleOf(setting, found),
    });
  }
}

/** The error for a value that cannot be used: `--from is "soon", which is not a date.` */
export function invalid(facts: { what: string; text: string | null; reason: string; example: string }): UsageError {
  const subject = facts.text === null ? `What ${facts.what} holds` : `${facts.what} is "${shorten(facts.text)}", which`;
  return new UsageError({ code: 'setting_value', message: `${subject} ${facts.reason}.`, hint: `A valid value: ${facts.example}` });
}

/** Whether a text is an address in which a password may stand: `https://name:password@host`. */
export function mayHoldPassword(text: string): boolean {
  return /:\/\/[^/\s]*@/.test(text);
}

function exampleOf(setting: Setting, found: Found): string {
  if (setting.secret) return `${setting.env}=${setting.example}`;
  if (found.origin.layer === 'flag') return `${found.origin.name} ${setting.example}`;
  if (found.origin.layer === 'file') return `"${setting.file?.key ?? ''}": "${setting.example}"`;
  return `${setting.env}=${setting.example}`;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
