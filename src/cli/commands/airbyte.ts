import { resolve } from 'node:path';
import { UsageError } from '../../base/index.ts';
import { runAirbyte } from '../../connectors/index.ts';
import type { AirbyteCommand } from '../../connectors/index.ts';
import { openConnectorAircall } from '../connector-aircall.ts';
import { defineCommand, option } from '../command.ts';

const file = (meaning: string, example: string) => option.value('file', meaning, { parse: (text: string) => text, example });

export const command = defineCommand({
  description:
    'An Airbyte source: the streams of sync in Airbyte’s protocol, for a platform or a tool that runs connectors. Everything on stdout is a ' +
    'message of the protocol. The configuration is the document of Airbyte’s own Aircall source: api_id, api_token, start_date, and more.',
  examples: [
    { line: 'trunkline airbyte spec', does: 'Says what the configuration may hold.' },
    { line: 'trunkline airbyte check --config config.json', does: 'Tries the credential.' },
    { line: 'trunkline airbyte discover --config config.json', does: 'Lists the streams with their schemas.' },
    {
      line: 'trunkline airbyte read --config config.json --catalog catalog.json --state state.json',
      does: 'Reads the streams of the configured catalog from where the state says.',
    },
  ],
  arguments: [{ name: '<spec|check|discover|read>', meaning: 'What to do.' }],
  options: {
    config: file('The configuration.', 'config.json'),
    catalog: file('The configured catalog: which streams, and how.', 'catalog.json'),
    state: file('Where an earlier read stood. Without it everything is read.', 'state.json'),
    debug: option.switch('Also write messages for developers.'),
  },
  settings: [],
  run(context) {
    const { arguments: names, options, stdout, env, clock, signal, cwd } = context;
    const path = (given: string) => resolve(cwd, given);
    return runAirbyte(commandOf(names[0] ?? '', options, path), {
      write: (text) => stdout.write(text),
      open: (config, log) => openConnectorAircall(config, log, context),
      clock,
      signal,
      debug: options.debug || env['LOG_LEVEL']?.toLowerCase() === 'debug',
      cloud: env['DEPLOYMENT_MODE']?.toLowerCase() === 'cloud',
    });
  },
});

type Files = { readonly config: string | undefined; readonly catalog: string | undefined; readonly state: string | undefined };

function commandOf(name: string, { config, catalog, state }: Files, path: (given: string) => string): AirbyteCommand {
  const needed = (flag: string, value: string | undefined): string => {
    if (value !== undefined) return path(value);
    throw misuse(`trunkline airbyte ${name} needs ${flag}.`);
  };
  switch (name) {
    case 'spec':
      return { name };
    case 'check':
    case 'discover':
      return { name, config: needed('--config', config) };
    case 'read':
      return {
        name,
        config: needed('--config', config),
        catalog: needed('--catalog', catalog),
        state: state === undefined ? null : path(state),
      };
    default:
      throw misuse(`There is no command "trunkline airbyte ${name}".`);
  }
}

function misuse(message: string): UsageError {
  const usage = ['spec', 'check --config FILE', 'discover --config FILE', 'read --config FILE --catalog FILE [--state FILE]'];
  return new UsageError({ code: 'command_line', message, hint: `Usage: ${usage.map((line) => `trunkline airbyte ${line}`).join(' | ')}` });
}
