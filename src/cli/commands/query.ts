import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { UsageError } from '../../base/index.ts';
import { exportParquet, readDestination } from '../../destinations/index.ts';
import type { QueryResult } from '../../load/index.ts';
import { defineCommand, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { asCell, asCsv, asJson } from '../output/cells.ts';
import { count, duration } from '../output/format.ts';
import { lockNotice } from '../output/lock-notice.ts';
import { styleOf } from '../output/style.ts';
import { recordLines, tableLines } from '../output/table.ts';
import type { TableColumn } from '../output/table.ts';
import { parseChoice, parseText } from '../settings/parse.ts';
import { destinationSettings } from '../wire.ts';
import type { Output, World } from '../world.ts';

/** Rows whose widths decide how wide the columns of a table are. */
const rowsMeasured = 500;
/** Text is gathered to about this many characters before it is written. */
const pieceLength = 64 * 1024;

export const command = defineCommand({
  description:
    'Runs read-only SQL on what was loaded. Tables can be named without their dataset: calls, live_calls, contacts and so on. While a sync ' +
    'writes, the last snapshot answers, and its age is said.',
  examples: [
    { line: 'trunkline query "SELECT direction, count(*) FROM live_calls GROUP BY 1"', does: 'An answer as a table.' },
    { line: 'trunkline query "SELECT * FROM live_calls" --format csv > calls.csv', does: 'All calls as CSV (RFC 4180).' },
    { line: 'trunkline query "SELECT * FROM live_calls" --format parquet --output calls.parquet', does: 'As a Parquet file.' },
    { line: 'trunkline query - < report.sql', does: 'Reads the SQL from stdin.' },
    { line: 'trunkline query "SELECT * FROM _trunkline_quarantine"', does: 'What was set aside because it did not fit.' },
  ],
  arguments: [{ name: '<sql>', meaning: 'One SELECT, or - to read it from stdin.' }],
  options: {
    format: option.value('format', 'table, json (an array of objects), csv or parquet. Default: table.', {
      parse: parseChoice('table', 'json', 'csv', 'parquet'),
      example: 'csv',
    }),
    output: option.value('file', 'The file to write a Parquet file to.', { parse: parseText, example: 'calls.parquet' }),
  },
  settings: destinationSettings,
  async run(context) {
    const { options, stdout, stderr, clock, signal, env, settings, cwd } = context;
    const { format = 'table', output } = options;
    const sql = await sqlOf(context.arguments[0] ?? '', context.stdin);
    if (output !== undefined && format !== 'parquet') {
      throw new UsageError({ code: 'query_output', message: '--output is for --format parquet.', hint: 'For other formats write > FILE.' });
    }
    if (format === 'parquet' && output === undefined && stdout.isTerminal) {
      throw new UsageError({
        code: 'query_output',
        message: 'A Parquet file is not for a terminal.',
        hint: 'Add --output FILE, or > FILE.',
      });
    }
    const { dataset, memory, destination } = settings;
    const reading = { cwd, dataset, memory, signal, onWait: lockNotice(stderr) };
    const tellAge = async (ageMs: number | null) => {
      if (ageMs !== null) await stderr.write(`A sync is writing; this is the snapshot made ${duration(ageMs)} ago.\n`);
    };
    if (format === 'parquet') {
      const path = output === undefined ? join(tmpdir(), `trunkline-${randomBytes(8).toString('hex')}.parquet`) : resolve(cwd, output);
      try {
        await tellAge((await exportParquet(destination, { ...reading, sql, path })).snapshotAgeMs);
        if (output === undefined) for await (const piece of createReadStream(path)) await stdout.write(piece as Buffer);
      } finally {
        if (output === undefined) await rm(path, { force: true });
      }
      return exitCodes.done;
    }
    const { result, snapshotAgeMs } = await readDestination(destination, sql, { ...reading, clock });
    await tellAge(snapshotAgeMs);
    if (format === 'table') await writeTable(result, stdout, stderr, env);
    else await writePieces(format === 'json' ? jsonOf(result) : csvOf(result), stdout);
    return exitCodes.done;
  },
});

async function sqlOf(argument: string, stdin: Readable): Promise<string> {
  let sql = argument;
  if (argument === '-') {
    sql = '';
    for await (const piece of stdin.setEncoding('utf8')) sql += piece as string; // with an encoding set, pieces are text
  }
  sql = sql.trim().replace(/;+$/, '').trim();
  if (sql !== '') return sql;
  throw new UsageError({
    code: 'query_empty',
    message: 'There is no SQL to run.',
    hint: 'Write it like trunkline query "SELECT count(*) FROM calls".',
  });
}

async function* jsonOf({ columns, rows }: QueryResult): AsyncGenerator<string> {
  const names = distinct(columns.map((column) => column.name)).map((name) => JSON.stringify(name));
  let before = '[';
  for await (const row of rows) {
    yield `${before}\n{${row.map((value, index) => `${names[index] ?? '""'}:${asJson(value)}`).join(',')}}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

async function* csvOf({ columns, rows }: QueryResult): AsyncGenerator<string> {
  yield `${columns.map((column) => asCsv(column.name)).join(',')}\r\n`;
  for await (const row of rows) yield `${row.map(asCsv).join(',')}\r\n`;
}

async function writePieces(texts: AsyncIterable<string>, output: Output): Promise<void> {
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < pieceLength) continue;
    await output.write(piece);
    piece = '';
  }
  await output.write(piece);
}

/** A table as wide as its first rows need; rows too wide for the terminal one below the other. */
async function writeTable(result: QueryResult, stdout: Output, stderr: Output, env: World['env']): Promise<void> {
  const style = styleOf(stdout, env);
  const width = stdout.isTerminal ? stdout.columns() : Infinity;
  const columns: TableColumn[] = result.columns.map(({ name, type }) => ({
    title: name,
    align: /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/.test(type) ? 'right' : 'left',
  }));
  let rows: string[][] = [];
  let written = 0;
  const write = async () => {
    const options = { columns, rows, width, style };
    const lines = tableLines(options) ?? recordLines(options, written + 1);
    const shown = written === 0 || tableLines(options) === null ? lines : lines.slice(2);
    written += rows.length;
    rows = [];
    await stdout.write(`${shown.join('\n')}\n`);
  };
  for await (const row of result.rows) {
    rows.push(row.map(asCell));
    if (rows.length === rowsMeasured) await write();
  }
  if (rows.length > 0 || written === 0) await write();
  if (stdout.isTerminal) await stderr.write(style.dim(`${count(written)} ${written === 1 ? 'row' : 'rows'}\n`));
}

/** Names that occur twice get a number, so that an object can hold both values. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
    taken.add(free);
    return free;
  });
}
