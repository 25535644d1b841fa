import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Interrupted, nearest, UsageError, version } from '../../base/index.ts';
import type { Json } from '../../base/index.ts';
import {
  archiveRecords,
  checkpointText,
  exportFormats,
  exportHead,
  exportLine,
  followRecords,
  hashForSearch,
  isAuditUnavailable,
  keptSince,
  lookFacts,
  parseCheckpoint,
  parseRecord,
  searchRecords,
  searchWholeLog,
  verifyAuditLog,
  verifyWholeLog,
} from '../../gateway/index.ts';
import type { ArchiveStep, OpenAuditLog, Verification } from '../../gateway/index.ts';
import { AuditStore, companiesOf, findServing } from '../../store/index.ts';
import type { RecordFilter, StoredRecord } from '../../store/index.ts';
import { defineCommand, jsonOption, option } from '../command.ts';
import type { CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { gatewaySettings, keyringNotice, openGatewayFiles, operatorOf } from '../gateway.ts';
import type { OpenGatewayFiles } from '../gateway.ts';
import { archivedLines, archiveLines, keptLine } from '../output/archive-lines.ts';
import { count, moment, plural } from '../output/format.ts';
import { visible } from '../output/width.ts';
import { InvalidValue, parseChoice, parseCount, parseMoment, parseSpan, parseText } from '../settings/parse.ts';

const text = (placeholder: string, meaning: string, example: string) => option.value(placeholder, meaning, { parse: parseText, example });
const instant = (meaning: string) =>
  option.value('date', meaning, { parse: (given: string) => parseMoment(given).at.toISOString(), example: '2026-11-01' });

const options = {
  lines: option.value('n', 'tail: how many of the newest records. Default: 20.', { parse: parseCount(0), example: '50' }),
  follow: option.switch('tail: go on and show what is added, until Ctrl-C.'),
  agent: text('name', 'search, tail, export: what this agent asked for; a name or an id.', '"Support Agent"'),
  capability: text('id', 'search, tail, export: what was asked for.', 'calls.deleteRecording'),
  effect: option.value('effect', 'search, tail, export: what kind of request it was.', {
    parse: parseChoice('read', 'add', 'change', 'delete', 'live', 'egress'),
    example: 'delete',
  }),
  decision: option.value('decision', 'search, tail, export: what was decided.', {
    parse: parseChoice('allow', 'deny', 'needs_approval', 'needs_confirm', 'dry_run', 'error'),
    example: 'deny',
  }),
  phase: option.value('phase', 'search, tail, export: intent, outcome, auth, admin or system.', {
    parse: parseChoice('intent', 'outcome', 'auth', 'admin', 'system'),
    example: 'admin',
  }),
  call: text('id', 'search, tail, export: the records of one request, by the decision id that its answer carried.', '01J9ZK3V7M'),
  text: text('words', 'search, tail, export: what stands in the sentence.', '"tried to"'),
  phone: option.value('number', 'search: who asked for this phone number. The log holds no numbers, so it is hashed first.', {
    parse: parsePhone,
    example: '+33123456789',
  }),
  email: text('address', 'search: who asked for this e-mail address; hashed like a number.', 'jo@example.com'),
  since: instant('search, tail, export: not before this moment.'),
  until: instant('search, tail, export: before this moment.'),
  limit: option.value('n', 'search: the newest so many of those that fit. Default: 100.', { parse: parseCount(1), example: '1000' }),
  after: option.value('n', 'export: only records after this number, such as the last one of the export before.', {
    parse: parseCount(0),
    example: '12000',
  }),
  format: option.value('format', `export: ${exportFormats.join(', ')}. Default: jsonl.`, {
    parse: parseChoice(...exportFormats),
    example: 'ocsf',
  }),
  before: option.value('date', 'archive: records before this moment, or older than a span.', { parse: parseBefore, example: '30d' }),
  to: text('folder', 'archive: where the files go; made when it is missing.', '/var/backups/trunkline'),
  shrink: option.switch('archive: also give the room that got free back to the disk. Not while trunkline serve runs.'),
  archive: text('folder', 'verify, search, export: also the files of archived records in this folder.', '/var/backups/trunkline'),
  checkpoint: text('file', 'verify: a checkpoint that was kept elsewhere; a file, or its text.', 'checkpoint.json'),
  indexes: option.switch('verify: also compare the indexes that searches use with the records. Slow.'),
  by: text('name', 'Who looks, for the log. Default: the name of the system’s user.', 'otto'),
  json: jsonOption,
};

/** A moment, or how long ago it is in milliseconds. */
function parseBefore(given: string): Date | number {
  return /^\d+\s?[a-z]+$/i.test(given.trim()) ? parseSpan(given) : parseMoment(given).at;
}

/** Anything else would find nothing, and look as if nobody had asked. */
function parsePhone(given: string): string {
  if (/^\+?[\d\s().-]{4,40}$/.test(given) && given.replaceAll(/\D/g, '').length >= 4) return given;
  throw new InvalidValue('is not a phone number');
}

type Context = CommandContext<typeof options, (typeof gatewaySettings)[number]>;

/** A look at the log: what it is of, and with which record it is told about. */
type Look = Context & {
  readonly files: OpenGatewayFiles;
  readonly store: AuditStore;
  readonly log: OpenAuditLog | null;
  readonly filter: RecordFilter;
  readonly operator: string;
  /** Writes the record of the look. Without a log that can be written, says so and lets it pass: a damaged log must be readable. */
  readonly record: (deed: string, more?: Readonly<Record<string, Json>>) => Promise<void>;
};

const actions: Readonly<Record<string, (look: Look) => Promise<number>>> = { tail, search, verify, export: exportAll, checkpoint, archive };

export const command = defineCommand({
  description:
    'The log of the gateway: one line for every request of an agent, allowed or not, and for every change of what agents may do. Each ' +
    'record is chained to the one before with a key, so that verify can tell what was altered, taken out or put in. Looking at the log is ' +
    'recorded in it.',
  examples: [
    { line: 'trunkline audit tail --follow', does: 'The newest records, and what is added.' },
    { line: 'trunkline audit search --agent "Support Agent" --decision deny --since 2026-11-01', does: 'What an agent was refused.' },
    { line: 'trunkline audit search --phone +33123456789', does: 'Who asked for a number.' },
    { line: 'trunkline audit verify', does: 'Proves the log untouched, or names what was altered; exit code 1 when something was.' },
    { line: 'trunkline audit checkpoint > checkpoint.json', does: 'A signed statement of where the log ends, to be kept elsewhere.' },
    { line: 'trunkline audit verify --checkpoint checkpoint.json', does: 'Also shows what somebody did who has the keys.' },
    {
      line: 'trunkline audit archive --before 30d --to archive',
      does: 'Old records into files, and out of the log; the chain goes through both.',
    },
    { line: 'trunkline audit verify --archive archive', does: 'Proves those files and the log untouched, as one chain.' },
    { line: 'trunkline audit export --format ocsf --after 12000', does: 'Records for a SIEM, from where the last export ended.' },
  ],
  arguments: [{ name: '<action>', meaning: `What to do: ${Object.keys(actions).join(', ')}.` }],
  options,
  settings: gatewaySettings,
  async run(context) {
    const [name = ''] = context.arguments;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined) throw unknownAction(name);
    const operator = operatorOf(context.options.by);
    const files = await openGatewayFiles(context);
    let log: OpenAuditLog | null = null;
    try {
      const notice = keyringNotice(files);
      if (notice !== null) await context.stderr.write(`${notice}\n`);
      const store = new AuditStore({ database: files.database, company: files.company });
      const opened = await openLog(files);
      log = opened instanceof Error ? null : opened;
      const filter = filterOf(context, files);
      return await action({
        ...context,
        files,
        store,
        log,
        filter,
        operator,
        record: recorder({ context, operator, log: opened, filter }),
      });
    } finally {
      await log?.close();
      files.close();
    }
  },
});

async function tail(look: Look): Promise<number> {
  const { options: given, store, filter, clock, signal } = look;
  await look.record(given.follow ? 'followed the log' : 'looked at the end of the log');
  const newest = given.lines ?? 20;
  const { shown, after } = await show(look, searchRecords({ store, filter, from: given.since, to: given.until, newest, signal }));
  if (shown < newest) await sayWhatIsKept(look, 0);
  if (!given.follow) return exitCodes.done;
  try {
    for await (const stored of followRecords({ store, filter, after, clock, signal })) await write(look, stored);
  } catch (error) {
    // Ctrl-C is how following ends.
    if (!(error instanceof Interrupted)) throw error;
  }
  return exitCodes.done;
}

async function search(look: Look): Promise<number> {
  const { options: given, store, filter, signal } = look;
  await look.record(given.archive === undefined ? 'searched the log' : 'searched the log and its archive');
  const newest = given.limit ?? 100;
  const { shown } = await show(look, found(look, { store, filter, from: given.since, to: given.until, newest, signal }));
  if (shown < newest) await sayWhatIsKept(look, 0);
  if (shown === 0) await look.stderr.write('No record fits.\n');
  if (shown === newest) await look.stderr.write(`These are the newest ${count(newest)}; --limit shows more, export all.\n`);
  return exitCodes.done;
}

async function exportAll(look: Look): Promise<number> {
  const { options: given, store, filter, signal, stdout, stderr } = look;
  const format = given.format ?? 'jsonl';
  const after = given.after ?? 0;
  await look.record(`exported the log${given.archive === undefined ? '' : ' and its archive'} as ${format}`, { format, after });
  let exported = 0;
  let last = after;
  let block = exportHead(format);
  for await (const stored of found(look, { store, filter, from: given.since, to: given.until, after, signal })) {
    block += exportLine(format, stored, version);
    exported += 1;
    last = stored.seq;
    if (block.length > 65_536) {
      await stdout.write(block);
      block = '';
    }
  }
  await stdout.write(block);
  await sayWhatIsKept(look, after);
  await stderr.write(`Exported ${plural(exported, 'record')}. Next time: --after ${last}\n`);
  return exitCodes.done;
}

async function checkpoint({ log, stdout, files, store }: Look): Promise<number> {
  // Without a record of its own, which would stand after the checkpoint.
  const made = log === null ? null : await log.checkpoint();
  if (log === null) throw unusable('No checkpoint is made of a log whose end was altered.');
  if (made === null || store.head() === null) throw unusable('The log holds nothing yet, so there is nothing to make a checkpoint of.');
  await stdout.write(`${checkpointText(made, files.keyring.keys.checkpoint.publicKey)}\n`);
  return exitCodes.done;
}

async function verify(look: Look): Promise<number> {
  const { options: given, store, files, signal, stdout, stderr } = look;
  const kept = given.checkpoint === undefined ? [] : [parseCheckpoint(await textOf(given.checkpoint, look.cwd))];
  const onProgress = stderr.isTerminal ? (records: number) => void stderr.write(`${count(records)} records …\r`) : undefined;
  const verifying = { store, keys: files.keyring.keys, kept, indexes: given.indexes, signal, onProgress };
  const folder = given.archive === undefined ? null : resolve(look.cwd, given.archive);
  const verification = folder === null ? await verifyAuditLog(verifying) : await verifyWholeLog({ ...verifying, folder });
  const clean = verification.damages.length === 0;
  const { archived } = verification;
  const what =
    folder !== null ? 'the log and its archive' : archived.records > 0 ? `the log from record ${archived.records + 1}` : 'the log';
  await look.record(`verified ${what} up to record ${verification.head.seq}: ${clean ? 'it is as it was written' : 'it was altered'}`);
  if (given.json) await stdout.write(`${JSON.stringify({ clean, ...verification })}\n`);
  else await stdout.write(`${linesOf(verification, kept.length > 0).join('\n')}\n`);
  return clean && verification.notCompared.length === 0 ? exitCodes.done : exitCodes.incomplete;
}

async function archive(look: Look): Promise<number> {
  const { options: given, store, log, files, clock, signal, cwd, stdout, stderr, operator } = look;
  const { before, to, shrink } = given;
  if (before === undefined || to === undefined) throw unusable('archive wants --before and --to: what is to go, and where.');
  if (log === null) throw unusable('Nothing is archived from a log whose end was altered.');
  if (shrink) refuseWhileServing(look);
  const until = typeof before === 'number' ? new Date(clock.now() - before) : before;
  const folder = resolve(cwd, to);
  const onStep = stderr.isTerminal ? ({ seq }: ArchiveStep) => void stderr.write(`up to record ${count(seq)} …\r`) : undefined;
  const newCallId = () => `adm_${randomBytes(12).toString('hex')}`;
  const { keys } = files.keyring;
  const archiving = { store, log, keys, operator, folder, before: until.toISOString(), clock, newCallId, signal, onStep };
  const archived = await archiveRecords(archiving);
  if (shrink) {
    refuseWhileServing(look);
    files.database.shrink();
  }
  if (given.json) await stdout.write(`${JSON.stringify({ folder, ...archived })}\n`);
  else await stdout.write(`${archivedLines(archived, { folder, shrunk: shrink }).join('\n')}\n`);
  return exitCodes.done;
}

/** A file is made small in one piece, and nobody else can write meanwhile. */
function refuseWhileServing({ files, clock }: Look): void {
  const { database } = files;
  const serving = companiesOf(database).some((company) => findServing({ database, company, clock }) !== null);
  if (!serving) return;
  throw new UsageError({
    code: 'serving_already',
    message: 'trunkline serve is running, and could record nothing while its file is made small.',
    hint: 'Leave out --shrink: the room that gets free is used again. Or stop it first.',
  });
}

/** Of the log, and of its archive where that is given. */
function found({ options: given, files, cwd }: Look, search: Parameters<typeof searchRecords>[0]): AsyncIterable<StoredRecord> {
  if (given.archive === undefined) return searchRecords(search);
  return searchWholeLog({ ...search, keys: files.keyring.keys, folder: resolve(cwd, given.archive) });
}

/** Where what was asked for reaches back to what is archived, and that is not looked at. */
async function sayWhatIsKept({ options: given, store, stderr }: Look, after: number): Promise<void> {
  if (given.archive !== undefined) return;
  const line = keptLine(keptSince(store), { from: given.since, after });
  if (line !== null) await stderr.write(`${line}\n`);
}

function linesOf(verification: Verification, compared: boolean): readonly string[] {
  const { company, records, head, checkpoints, damages, moreDamages, unfinished } = verification;
  const lines: string[] = [];
  if (damages.length === 0) {
    lines.push(
      records === 0
        ? `The log of ${company} holds nothing yet.`
        : `The log of ${company} is as it was written: ${plural(records, 'record')}, ${plural(checkpoints, 'checkpoint')}.`,
    );
  } else {
    const places = damages.length + moreDamages;
    lines.push(`The log of ${company} is NOT as it was written. ${plural(places, 'place')} among ${plural(records, 'record')}:`, '');
    lines.push(...damages.map(({ text: what }) => `  ${what}`));
    if (moreDamages > 0) lines.push(`  … and ${plural(moreDamages, 'other place')}.`);
    lines.push('', 'Keep this file as it is, and compare it with a backup and with what was exported.');
  }
  lines.push(...archiveLines(verification));
  if (unfinished.count > 0) {
    const oldest = unfinished.oldest[0];
    const first =
      oldest === undefined ? '' : ` The oldest is record ${oldest.seq}; trunkline audit search --call ${oldest.callId} shows it.`;
    lines.push(
      `${plural(unfinished.count, 'request has', 'requests have')} no recorded outcome: under way, or cut short by a crash.${first}`,
    );
  }
  if (!compared && records > 0 && damages.length === 0) {
    lines.push(
      `What somebody with the keys did shows only against a checkpoint kept elsewhere: --checkpoint. The log ends with ${head.hash}.`,
    );
  }
  return lines;
}

type Shown = { readonly shown: number; readonly after: number };

/** Writes records as lines, or as one document. `after`: where to go on. */
async function show(look: Look, found: AsyncIterable<StoredRecord>): Promise<Shown> {
  const { options: given, stdout, store } = look;
  const asOne = given.json && !given.follow;
  let [shown, after] = [0, store.ends().lastSeq];
  if (asOne) await stdout.write('{"records":[');
  for await (const stored of found) {
    if (asOne) await stdout.write(`${shown === 0 ? '' : ',\n'}${exportLine('jsonl', stored, version).trimEnd()}`);
    else await write(look, stored);
    shown += 1;
    after = Math.max(after, stored.seq);
  }
  if (asOne) await stdout.write(']}\n');
  return { shown, after };
}

async function write({ options: given, stdout }: Look, stored: StoredRecord): Promise<void> {
  await stdout.write(given.json ? exportLine('jsonl', stored, version) : lineOf(stored));
}

function lineOf(stored: StoredRecord): string {
  const place = String(stored.seq).padStart(6);
  try {
    const { time, sentence, callId } = parseRecord(stored);
    return `${place}  ${moment(time)}  ${visible(sentence)}  [${visible(callId)}]\n`;
  } catch {
    return `${place}  cannot be read: it was altered. Run trunkline audit verify.\n`;
  }
}

function filterOf({ options: given }: Context, { policies, keyring }: OpenGatewayFiles): RecordFilter {
  const { agent, capability, effect, decision, phase, call, text: sentence, phone, email } = given;
  if (phone !== undefined && email !== undefined) throw unusable('Give --phone or --email, not both.');
  const key = keyring.keys.token;
  const contains =
    phone !== undefined ? hashForSearch('phone', phone, key) : email !== undefined ? hashForSearch('email', email, key) : undefined;
  const agents = agent === undefined ? [] : Object.values(policies.current().agents);
  const named = agents.find(({ id, name }) => id === agent || name.toLowerCase() === agent?.toLowerCase());
  if (agent !== undefined && named === undefined && !agent.startsWith('ag_')) {
    const near = nearest(
      agent,
      agents.map(({ name }) => name),
    );
    const hint = near === null ? 'trunkline agents list names them; one that is gone can be given by its id.' : `Did you mean "${near}"?`;
    throw new UsageError({ code: 'agent_unknown', message: `There is no agent “${agent}”.`, hint });
  }
  return { agentId: named?.id ?? agent, capability, effect, decision, phase, callId: call, sentence, contains };
}

type Recorder = { readonly context: Context; readonly operator: string; readonly log: OpenAuditLog | Error; readonly filter: RecordFilter };

function recorder({ context, operator, log, filter }: Recorder): Look['record'] {
  const { since, until } = context.options;
  // Nothing that the log itself would not hold: numbers and addresses are hashed already, words are not told.
  const { sentence, ...rest } = filter;
  const looked = { ...rest, since, until, sentence: sentence === undefined ? undefined : '(words)' };
  return async (deed, more = {}) => {
    if (log instanceof Error) {
      await context.stderr.write(`This look at the log is not recorded. ${log.message}\n`);
      return;
    }
    const given: Record<string, Json> = { ...more };
    for (const [name, value] of Object.entries(looked)) if (value !== undefined) given[name] = value;
    const callId = `adm_${randomBytes(12).toString('hex')}`;
    await log.append(lookFacts({ callId, operator, deed, given: Object.keys(given).length === 0 ? null : given }), { durability: 'power' });
  };
}

/** The log, or why it cannot be written. */
async function openLog(files: OpenGatewayFiles): Promise<OpenAuditLog | Error> {
  try {
    return await files.openAudit();
  } catch (error) {
    if (isAuditUnavailable(error)) return error;
    throw error;
  }
}

async function textOf(given: string, cwd: string): Promise<string> {
  if (given.trimStart().startsWith('{')) return given;
  try {
    return await readFile(resolve(cwd, given), 'utf8');
  } catch (cause) {
    throw new UsageError(
      {
        code: 'checkpoint_unreadable',
        message: `The checkpoint in ${given} cannot be read.`,
        hint: 'Give the name of a file, or the text itself.',
      },
      { cause },
    );
  }
}

function unusable(message: string): UsageError {
  return new UsageError({ code: 'command_line', message, hint: 'trunkline audit --help shows what goes together.' });
}

function unknownAction(name: string): UsageError {
  const near = nearest(name, Object.keys(actions));
  return new UsageError({
    code: 'command_line',
    message: `There is no command "trunkline audit ${name}".`,
    hint: near === null ? `There are: ${Object.keys(actions).join(', ')}.` : `Did you mean trunkline audit ${near}?`,
  });
}
