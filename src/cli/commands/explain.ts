import { isTrunklineError } from '../../base/index.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { styleOf } from '../output/style.ts';
import { tableLines } from '../output/table.ts';
import { mayHoldPassword, understand } from '../settings/resolve.ts';
import { readSources } from '../settings/sources.ts';
import type { Sources } from '../settings/sources.ts';
import { settingNames, settingOf } from '../settings/table.ts';
import type { SettingName } from '../settings/table.ts';

type Explained = {
  readonly setting: string;
  /** Null when it is not set; masked when it is a secret. */
  readonly value: string | null;
  readonly from: string;
  readonly problem: string | null;
};

export const command = defineCommand({
  description: 'Shows every setting, the value that counts, and where it came from. Secrets are masked.',
  examples: [
    { line: 'trunkline explain', does: 'Lists all settings as they are in this folder.' },
    { line: 'trunkline explain --json', does: 'The same for a program.' },
  ],
  options: { json: jsonOption },
  settings: [],
  async run({ cwd, env, stdout, options }) {
    const sources = await readSources({ cwd, env, flags: {} });
    const explained = settingNames.map((name) => explain(name, sources));
    if (options.json) {
      await stdout.write(`${JSON.stringify({ settings: explained }, null, 2)}\n`);
    } else {
      const style = styleOf(stdout, env);
      const lines = tableLines({
        columns: [{ title: 'Setting', minimum: 24 }, { title: 'Value' }, { title: 'From' }],
        rows: explained.map((each) => [each.setting, each.value ?? '', each.from]),
        width: stdout.isTerminal ? stdout.columns() : Infinity,
        style,
      });
      const problems = explained.flatMap(({ problem }) => (problem === null ? [] : [`${style.red('✗')} ${problem}`]));
      await stdout.write(`${[...(lines ?? []), ...problems].join('\n')}\n`);
    }
    return explained.some((each) => each.problem !== null) ? exitCodes.usage : exitCodes.done;
  },
});

function explain(name: SettingName, sources: Sources): Explained {
  const { env, secret, defaultMeaning } = settingOf(name);
  try {
    const found = sources.find(name);
    if (found === null)
      return { setting: env, value: null, from: defaultMeaning === undefined ? 'not set' : `not set: ${defaultMeaning}`, problem: null };
    const shown = { setting: env, value: secret || mayHoldPassword(found.text) ? '••••••••' : found.text, from: found.origin.name };
    try {
      understand(name, found);
      return { ...shown, problem: null };
    } catch (error) {
      return { ...shown, problem: problemOf(error) };
    }
  } catch (error) {
    return { setting: env, value: null, from: 'unreadable', problem: problemOf(error) };
  }
}

function problemOf(error: unknown): string {
  if (!isTrunklineError(error)) throw error;
  return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
}
