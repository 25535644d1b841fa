// What a command is: data for its help, and one function that does the work with what it is handed.
import type { ConfigFile } from './settings/config-file.ts';
import type { Origins, Settings } from './settings/resolve.ts';
import type { SettingName } from './settings/table.ts';
import type { World } from './world.ts';

/** An option of one command. Its key in `options` is the flag in camelCase: `dryRun` is `--dry-run`. */
export type Option =
  | { readonly kind: 'switch'; readonly meaning: string }
  | {
      readonly kind: 'value';
      readonly placeholder: string;
      readonly meaning: string;
      /** Throws `InvalidValue`. */
      readonly parse: (text: string) => unknown;
      readonly example: string;
    };

export type Options = { readonly [name: string]: Option };

export type OptionValues<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { readonly kind: 'value'; readonly parse: (text: string) => infer V } ? V | undefined : boolean;
};

export type CommandContext<O extends Options, S extends SettingName> = World & {
  readonly arguments: readonly string[];
  readonly options: OptionValues<O>;
  readonly settings: Settings<S>;
  readonly origins: Origins;
  /** What stands in trunkline.config.json beside the settings. */
  readonly file: ConfigFile;
  /** The flags that name settings, as given; for commands that look at settings themselves. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
};

export type Command<O extends Options = Options, S extends SettingName = SettingName> = {
  /** What it does, in a paragraph. */
  readonly description: string;
  /** Command lines with what each of them does. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** Such as `[stream...]` or `<sql>`. */
  readonly arguments?: readonly { readonly name: string; readonly meaning: string }[];
  readonly options: O;
  /** The settings it uses: resolved before it runs, and offered as flags. */
  readonly settings: readonly S[];
  /** Flags and arguments it does not know are none of its business: whoever starts it adds some. */
  readonly ignoresUnknown?: true;
  /** Does the work and returns the exit code. */
  readonly run: (context: CommandContext<O, S>) => Promise<number>;
};

/** Returns its argument, with options and settings typed for `run`. */
export function defineCommand<const O extends Options, const S extends SettingName>(command: Command<O, S>): Command<O, S> {
  return command;
}

/** Short forms for the options of commands. */
export const option = {
  switch: (meaning: string) => ({ kind: 'switch', meaning }) as const,
  value: <V>(placeholder: string, meaning: string, facts: { readonly parse: (text: string) => V; readonly example: string }) =>
    ({ kind: 'value', placeholder, meaning, ...facts }) as const,
};

/** The option every command has whose answer a program may read. */
export const jsonOption = option.switch('Write one JSON document to stdout.');
