import { declaredTables } from '../../rows/index.ts';
import { streams } from '../../streams/index.ts';
import type { Stream } from '../../streams/index.ts';
import { streamNamed } from '../choose.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { styleOf } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { tableLines } from '../output/table.ts';
import { wrap } from '../output/width.ts';

export const command = defineCommand({
  description: 'Lists what can be read. With the name of a stream: its tables, columns, types and keys.',
  examples: [
    { line: 'trunkline streams', does: 'All streams: what they hold, how they are kept fresh, what they cost.' },
    { line: 'trunkline streams calls', does: 'The tables and columns of calls.' },
    { line: 'trunkline streams --json', does: 'Everything for a program.' },
  ],
  arguments: [{ name: '[stream...]', meaning: 'Streams to describe in full.' }],
  options: { json: jsonOption },
  settings: [],
  async run({ arguments: names, options, stdout, env }) {
    const chosen = names.length === 0 ? streams : names.map(streamNamed);
    if (options.json) {
      await stdout.write(`${JSON.stringify({ streams: chosen.map(asJson) }, null, 2)}\n`);
      return exitCodes.done;
    }
    const style = styleOf(stdout, env);
    const width = Math.min(stdout.isTerminal ? stdout.columns() : 100, 120);
    const lines = chosen.flatMap((stream) => [
      ...aboutStream(stream, style, width),
      ...(names.length === 0 ? [] : tablesOf(stream, style, width)),
    ]);
    await stdout.write(`${lines.join('\n')}\n`);
    return exitCodes.done;
  },
});

function aboutStream(stream: Stream, style: Style, width: number): string[] {
  const facts: [string, string][] = [
    ['fresh', stream.freshness],
    ['cost', stream.cost],
    ['deletions', stream.deletions],
  ];
  const optIn = stream.optIn === true ? style.yellow('  only when asked for by name') : '';
  return [
    `${style.bold(stream.name)}${optIn}`,
    ...wrap(stream.summary, width - 2).map((line) => `  ${line}`),
    ...facts.flatMap(([name, text]) =>
      wrap(text, width - 14).map((line, index) => `  ${style.dim((index === 0 ? name : '').padEnd(11))} ${line}`),
    ),
    '',
  ];
}

function tablesOf(stream: Stream, style: Style, width: number): string[] {
  return Object.values(declaredTables(stream.shape)).flatMap((table) => {
    const lines = tableLines({
      columns: [
        { title: 'Column', minimum: 16 },
        { title: 'Type', minimum: 9 },
        { title: 'Meaning', minimum: 20 },
      ],
      rows: Object.entries(table.columns).map(([name, column]) => [name, column.type, column.meaning ?? '']),
      width,
      style,
      indent: 2,
    });
    return [`  ${style.bold(table.name)}  ${style.dim(`key: ${table.key.join(', ')}`)}`, ...(lines ?? []), ''];
  });
}

function asJson(stream: Stream) {
  const { name, summary, optIn, freshness, cost, deletions, endpoint, shape } = stream;
  return {
    name,
    summary,
    optIn: optIn ?? false,
    endpoint: `${endpoint.method} ${endpoint.path}`,
    freshness,
    cost,
    deletions,
    tables: Object.values(declaredTables(shape)).map((table) => ({
      name: table.name,
      parent: table.parent,
      key: table.key,
      columns: Object.entries(table.columns).map(([column, { type, meaning }]) => ({ name: column, type, meaning: meaning ?? null })),
    })),
  };
}
