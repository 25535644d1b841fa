import { declaredTables } from '../../rows/index.ts';
import { defaultStreams } from '../../streams/index.ts';
import { streamNamed } from '../choose.ts';
import { defineCommand, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeTables } from '../schema/describe.ts';
import { writeDbml } from '../schema/dbml.ts';
import { writeJsonSchema } from '../schema/json-schema.ts';
import { writeMermaid } from '../schema/mermaid.ts';
import { writeSql } from '../schema/sql.ts';
import { parseChoice } from '../settings/parse.ts';

const writers = { sql: writeSql, 'json-schema': writeJsonSchema, dbml: writeDbml, mermaid: writeMermaid } as const;

export const command = defineCommand({
  description:
    'Writes the tables as they are declared: columns, types, keys, and how child tables hang on their parents. Columns that appear only in ' +
    'the data come on top.',
  examples: [
    { line: 'trunkline schema', does: 'The tables of all default streams as SQL.' },
    { line: 'trunkline schema calls --format json-schema', does: 'A JSON Schema for the rows of calls and its child tables.' },
    { line: 'trunkline schema --format dbml > aircall.dbml', does: 'For dbdiagram.io and other DBML tools.' },
    { line: 'trunkline schema --format mermaid', does: 'A diagram that Markdown viewers draw.' },
  ],
  arguments: [{ name: '[stream...]', meaning: 'Streams to write; default: those that are read by default.' }],
  options: {
    format: option.value('format', 'sql, json-schema, dbml or mermaid. Default: sql.', {
      parse: parseChoice('sql', 'json-schema', 'dbml', 'mermaid'),
      example: 'json-schema',
    }),
  },
  settings: ['destination', 'dataset'],
  async run({ arguments: names, options, settings, stdout }) {
    const chosen = names.length === 0 ? defaultStreams : names.map(streamNamed);
    const tables = describeTables(chosen.map((stream) => ({ stream: stream.name, tables: declaredTables(stream.shape) })));
    await stdout.write(writers[options.format ?? 'sql'](tables, settings.dataset));
    return exitCodes.done;
  },
});
