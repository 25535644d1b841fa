// From a command line to an exit code: finds the command, understands flags and settings, runs it, and says what went
// wrong. The only place where errors become exit codes.
import { Argument, Command as Program, CommanderError, Option as ProgramOption } from 'commander';
import { isTrunklineError, messageOf, nearest, UsageError, version } from '../base/index.ts';
import type { Command, Option } from './command.ts';
import { commands } from './commands.ts';
import type { CommandEntry } from './commands.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { styleOf } from './output/style.ts';
import { wrap } from './output/width.ts';
import { InvalidValue } from './settings/parse.ts';
import { invalid, resolveSettings } from './settings/resolve.ts';
import { readSources } from './settings/sources.ts';
import { settingOf } from './settings/table.ts';
import type { SettingName } from './settings/table.ts';
import type { World } from './world.ts';

/** Runs one command line (without the program's own name) and returns its exit code. Never throws. */
export async function run(line: readonly string[], world: World): Promise<number> {
  try {
    return await dispatch(line, world);
  } catch (error) {
    await report(error, line, world);
    return exitCodeOf(error);
  }
}

async function dispatch(line: readonly string[], world: World): Promise<number> {
  const name = line[0];
  if (name === undefined) {
    await world.stderr.write(overview(world));
    return exitCodes.usage;
  }
  if (['--help', '-h', 'help'].includes(name) && line[1] === undefined) {
    await world.stdout.write(overview(world));
    return exitCodes.done;
  }
  if (['--version', '-v', '-V'].includes(name)) {
    await world.stdout.write(`${version}\n`);
    return exitCodes.done;
  }
  const [wanted, rest] = name === 'help' ? [line[1] ?? '', ['--help']] : [name, line.slice(1)];
  const entry = commands.find((candidate) => candidate.name === wanted);
  if (entry === undefined) throw unknownCommand(wanted);
  const { command } = await entry.load();
  return runCommand(entry, command, rest, world);
}

async function runCommand(entry: CommandEntry, command: Command, rest: readonly string[], world: World): Promise<number> {
  const program = programOf(entry, command, world);
  try {
    program.parse(rest, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return exitCodes.done;
    throw misuse(error, entry.name);
  }
  const given: Readonly<Record<string, unknown>> = program.opts();
  const flags: Partial<Record<SettingName, string>> = {};
  for (const setting of command.settings) {
    const flag = settingOf(setting).flag;
    const value = flag === undefined ? undefined : given[camelCase(flag)];
    if (typeof value === 'string') flags[setting] = value;
  }
  const options = Object.fromEntries(Object.entries(command.options).map(([name, each]) => [name, valueOf(name, each, given[name])]));
  const sources = await readSources({ cwd: world.cwd, env: world.env, flags });
  const { settings, origins } = resolveSettings(command.settings, sources);
  // The options were read by the very descriptions the command declares, and so were its settings.
  const context = { ...world, arguments: program.args, options, settings, origins, file: sources.file, flags };
  return command.run(context as Parameters<typeof command.run>[0]);
}

function programOf(entry: CommandEntry, command: Command, world: World): Program {
  const program = new Program(`trunkline ${entry.name}`)
    .description(command.description)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(world.stdout.isTerminal ? world.stdout.columns() : 100, 100),
    })
    .configureHelp({ styleTitle: styleOf(world.stdout, world.env).bold })
    .helpOption('-h, --help', 'Show this help.')
    .addHelpText('after', () => examplesOf(command, world));
  if (command.ignoresUnknown === true) program.allowUnknownOption().allowExcessArguments();
  for (const argument of command.arguments ?? []) program.addArgument(new Argument(argument.name, argument.meaning));
  for (const [name, each] of Object.entries(command.options)) {
    const flag = `--${kebabCase(name)}`;
    program.addOption(new ProgramOption(each.kind === 'switch' ? flag : `${flag} <${each.placeholder}>`, each.meaning));
  }
  for (const name of command.settings) {
    const setting = settingOf(name);
    if (setting.flag === undefined) continue;
    const otherwise = setting.default ?? setting.defaultMeaning ?? 'not set';
    program.addOption(new ProgramOption(`--${setting.flag}`, `${setting.meaning} [${setting.env}; default: ${otherwise}]`));
  }
  return program;
}

function valueOf(name: string, described: Option, given: unknown): unknown {
  if (described.kind === 'switch') return given === true;
  if (typeof given !== 'string') return undefined;
  const flag = `--${kebabCase(name)}`;
  try {
    return described.parse(given);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw invalid({ what: flag, text: given, reason: error.message, example: `${flag} ${described.example}` });
  }
}

function overview(world: World): string {
  const style = styleOf(world.stdout, world.env);
  const names = Math.max(...commands.map((entry) => entry.name.length));
  return [
    'Trunkline reads an Aircall account into your own database, complete and kept right.',
    '',
    `${style.bold('Usage:')} trunkline <command> [options]`,
    '',
    style.bold('Commands:'),
    ...commands.map((entry) => `  ${style.cyan(entry.name.padEnd(names))}  ${entry.summary}`),
    '',
    'trunkline <command> --help explains a command, with examples.',
    'No account at hand? trunkline demo shows everything with a simulated one.',
    '',
  ].join('\n');
}

function examplesOf(command: Command, world: World): string {
  const style = styleOf(world.stdout, world.env);
  return [
    '',
    style.bold('Examples:'),
    ...command.examples.flatMap((example) => [`  ${style.cyan(example.line)}`, ...wrap(example.does, 90).map((part) => `      ${part}`)]),
    '',
  ].join('\n');
}

function unknownCommand(name: string): UsageError {
  const known = commands.map((entry) => entry.name);
  const near = nearest(name, known);
  const flag = name.startsWith('-');
  return new UsageError({
    code: flag ? 'unknown_flag' : 'unknown_command',
    message: flag ? `The flag ${name} stands before any command.` : `There is no command "${name}".`,
    hint: near === null ? `The commands are ${known.join(', ')}.` : `Did you mean trunkline ${near}?`,
  });
}

/** Commander's complaint in our words. */
function misuse(error: CommanderError, command: string): UsageError {
  const [first = '', ...others] = error.message.split('\n');
  const sentence = first.replace(/^error: |\.+$/g, '');
  const suggestion = /Did you mean (?:one of )?(.+)\?\)/.exec(others.join(' '))?.[1];
  return new UsageError({
    code: error.code === 'commander.unknownOption' ? 'unknown_flag' : 'command_line',
    message: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`,
    hint: suggestion === undefined ? `See trunkline ${command} --help.` : `Did you mean ${suggestion}?`,
  });
}

/** Says what went wrong: a sentence and what to do on stderr; with --json also as a document on stdout. */
async function report(error: unknown, line: readonly string[], world: World): Promise<void> {
  const style = styleOf(world.stderr, world.env);
  if (isTrunklineError(error)) {
    const hint = error.hint === undefined ? '' : `  ${error.hint}\n`;
    await world.stderr.write(`${style.red('Error:')} ${error.message}\n${hint}`);
    if (line.includes('--json')) {
      const { code, message } = error;
      await world.stdout.write(`${JSON.stringify({ error: { code, message, hint: error.hint ?? null } }, null, 2)}\n`);
    }
    return;
  }
  const stack = error instanceof Error && error.stack !== undefined ? error.stack.split('\n').slice(1).join('\n') : '';
  await world.stderr.write(`${style.red('Internal error:')} ${messageOf(error)}\n${style.dim(stack)}\n`);
  await world.stderr.write(
    '  This is a mistake in Trunkline. What was committed before it is safe; a report with the lines above helps.\n',
  );
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `start-date <date>` as Commander names its value: `startDate`. */
function camelCase(flag: string): string {
  return (flag.split(' ')[0] ?? flag).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
