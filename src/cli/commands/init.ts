import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLog, UsageError } from '../../base/index.ts';
import { createClient } from '../../client/index.ts';
import type { Credential } from '../../client/index.ts';
import { parseDestinationUrl } from '../../destinations/index.ts';
import { defineCommand, option } from '../command.ts';
import { explainRefusal } from '../credential.ts';
import { exitCodes } from '../exit-codes.ts';
import { lockNotice } from '../output/lock-notice.ts';
import { ask, confirm } from '../output/prompt.ts';
import { styleOf } from '../output/style.ts';
import { configFileName, environmentFileName } from '../settings/file-names.ts';
import { parseMoment, parseText } from '../settings/parse.ts';
import { settingOf } from '../settings/table.ts';
import { destinationOf, destinationSettings } from '../wire.ts';

const ignored = ['.env', '.trunkline', '*.duckdb', '*.duckdb.wal'];

export const command = defineCommand({
  description:
    'Asks for the credential and the destination (or takes them from flags and the environment), tries both, and writes them down: ' +
    `${configFileName}, ${environmentFileName} (readable by you only), and lines in .gitignore that keep both data and secrets out of Git. ` +
    'A credential that stands in the environment is not written anywhere.',
  examples: [
    { line: 'trunkline init', does: 'Asks for everything.' },
    { line: 'trunkline init --api-id ID --api-token-file token.txt --destination duckdb:./aircall.duckdb', does: 'Asks for nothing.' },
    {
      line: 'AIRCALL_API_ID=… AIRCALL_API_TOKEN=… trunkline init --yes',
      does: 'Takes the credential from the environment and replaces the files.',
    },
  ],
  options: {
    apiId: option.value('id', 'Id of the API key.', { parse: parseText, example: '0123456789abcdef0123456789abcdef' }),
    apiTokenFile: option.value('file', 'A file that holds the token of the key; on the command line others could read it.', {
      parse: parseText,
      example: 'token.txt',
    }),
    since: option.value('date', 'Calls that started earlier are not read.', { parse: parseMoment, example: '2026-01-31' }),
    yes: option.switch('Replace files that exist without asking.'),
  },
  settings: ['apiId', 'apiToken', 'accessToken', 'baseUrl', ...destinationSettings],
  async run(context) {
    const { cwd, settings, origins, options, stdout, stderr, env, signal, flags } = context;
    const style = styleOf(stderr, env);
    const isElsewhere = origins.apiId?.layer === 'environment' || origins.accessToken?.layer === 'environment';

    let apiId = options.apiId ?? settings.apiId;
    let apiToken =
      options.apiTokenFile === undefined ? settings.apiToken : readToken(resolve(cwd, options.apiTokenFile), options.apiTokenFile);
    if (settings.accessToken === null && apiId === null) {
      await stderr.write(
        'In the Aircall Dashboard, under Integrations & API, API keys, an admin can make a key. It has an id and a token.\n',
      );
      apiId = await ask(context, {
        text: 'API id:',
        instead: 'Give --api-id and --api-token-file, or set AIRCALL_API_ID and AIRCALL_API_TOKEN.',
      });
    }
    if (settings.accessToken === null && apiToken === null) {
      apiToken = await ask(context, {
        text: 'API token (not shown):',
        secret: true,
        instead: 'Give --api-token-file, or set AIRCALL_API_TOKEN.',
      });
    }
    let destination = settings.destination;
    if (context.isInteractive && flags.destination === undefined && origins.destination?.layer === 'default') {
      const url = await ask(context, { text: 'Destination:', fallback: destination.label, instead: 'Give --destination.' });
      destination = parseDestinationUrl(url);
    }

    const credential: Credential =
      settings.accessToken !== null && apiId === null
        ? { accessToken: settings.accessToken }
        : { apiId: apiId ?? '', apiToken: apiToken ?? '' };
    const aircall = createClient({ credential, baseUrl: settings.baseUrl, log: silentLog, signal });
    try {
      await aircall.ping.check();
    } catch (error) {
      throw explainRefusal(error, isElsewhere ? 'the environment' : 'what was given');
    } finally {
      await aircall.close();
    }
    await stderr.write(`${style.green('✓')} Aircall accepts the credential.\n`);
    const session = await destinationOf({ cwd, settings: { ...settings, destination } }).open({ signal, onWait: lockNotice(stderr) });
    await session.close();
    await stderr.write(`${style.green('✓')} ${destination.label} can be written.\n`);

    const writes: [string, string][] = [];
    const config = {
      $schema: schemaPath(cwd),
      destination: destination.label,
      ...(settings.dataset === settingOf('dataset').default ? {} : { dataset: settings.dataset }),
      ...(settings.baseUrl === settingOf('baseUrl').default ? {} : { baseUrl: settings.baseUrl }),
      ...(options.since === undefined
        ? {}
        : { startDate: options.since.isDay ? options.since.at.toISOString().slice(0, 10) : options.since.at.toISOString() }),
    };
    const replaceConfig = await mayWrite(join(cwd, configFileName), configFileName);
    if (replaceConfig) writes.push([configFileName, `${JSON.stringify(config, null, 2)}\n`]);
    if (!isElsewhere && 'apiId' in credential) {
      const before = readIfThere(join(cwd, environmentFileName));
      const values = { AIRCALL_API_ID: credential.apiId, AIRCALL_API_TOKEN: credential.apiToken };
      const after = withVariables(before, values);
      const changes = Object.keys(values).some((name) => new RegExp(`^\\s*(export\\s+)?${name}=`, 'm').test(before)) && after !== before;
      if (
        !changes ||
        options.yes ||
        (await confirm(context, `${environmentFileName} holds a credential already. Replace it?`, 'Add --yes to replace it.'))
      ) {
        writes.push([environmentFileName, after]);
      }
    }
    const ignore = withLines(readIfThere(join(cwd, '.gitignore')), ignored);
    if (ignore !== null) writes.push(['.gitignore', ignore]);
    for (const [name, text] of writes) write(join(cwd, name), text, { secret: name === environmentFileName });

    if (writes.length > 0) await stdout.write(`Wrote ${writes.map(([name]) => name).join(', ')}.\n`);
    if (isElsewhere) await stdout.write('The credential stays in the environment; it was not written anywhere.\n');
    await stdout.write('Next: trunkline sync\n');
    return exitCodes.done;

    async function mayWrite(path: string, name: string): Promise<boolean> {
      if (!existsSync(path) || options.yes) return true;
      return confirm(context, `${name} exists. Replace it?`, 'Add --yes to replace it.');
    }
  },
});

function readToken(path: string, written: string): string {
  const text = readIfThere(path).trim();
  if (text !== '') return text;
  throw new UsageError({
    code: 'secret_file',
    message: `The file ${written} (--api-token-file) is missing or empty.`,
    hint: 'Name a file that holds nothing but the token.',
  });
}

/** The JSON Schema in this package, for editors, as seen from the folder. */
function schemaPath(cwd: string): string {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
  const path = relative(cwd, join(root, 'schema', 'trunkline.config.schema.json'));
  return path.startsWith('..') ? path.split(sep).join('/') : `./${path.split(sep).join('/')}`;
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The lines of a .env file with these variables set; everything else stays as it is. */
function withVariables(text: string, values: Readonly<Record<string, string>>): string {
  const kept = text
    .split(/\r?\n/)
    .filter((line) => !Object.keys(values).some((name) => new RegExp(`^\\s*(export\\s+)?${name}=`).test(line)));
  while (kept.at(-1) === '') kept.pop();
  return `${[...kept, ...Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}`)].join('\n')}\n`;
}

function quoted(value: string): string {
  return /^[\w.+/=-]+$/.test(value) ? value : `'${value}'`;
}

/** The text with the lines that it does not have yet, or null when it has them all. */
function withLines(text: string, lines: readonly string[]): string | null {
  const have = new Set(text.split(/\r?\n/).map((line) => line.trim().replace(/^\//, '').replace(/\/$/, '')));
  const missing = lines.filter((line) => !have.has(line));
  if (missing.length === 0) return null;
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`;
}

function write(path: string, text: string, { secret }: { readonly secret: boolean }): void {
  try {
    writeFileSync(path, text, secret ? { mode: 0o600 } : {});
    if (secret) chmodSync(path, 0o600);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new UsageError(
      {
        code: 'folder_unwritable',
        message: `${path} cannot be written${reason}.`,
        hint: `Make ${dirname(path)} writable, or run in another folder.`,
      },
      { cause: error },
    );
  }
}
