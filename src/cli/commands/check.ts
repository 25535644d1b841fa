import { isObject, isTrunklineError, silentLog, UsageError } from '../../base/index.ts';
import type { TrunklineError } from '../../base/index.ts';
import type { Aircall, Listing, RequestOptions } from '../../client/index.ts';
import { createNormaliser } from '../../rows/index.ts';
import type { FieldSettings } from '../../rows/index.ts';
import type { Stream } from '../../streams/index.ts';
import { chooseStreams, pipeline } from '../../sync/index.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { explainRefusal } from '../credential.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { ago, count, plural } from '../output/format.ts';
import { lockNotice } from '../output/lock-notice.ts';
import { styleOf } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { wrap } from '../output/width.ts';
import { aircallSettings, destinationOf, destinationSettings, fieldsOf, homeOf, openAircall } from '../wire.ts';
import type { OpenAircall } from '../wire.ts';
import type { Output } from '../world.ts';

type Finding = {
  readonly check: 'credential' | 'budget' | 'destination' | 'fields';
  /** `note`: it works, and there is something to know. */
  readonly state: 'good' | 'note' | 'bad';
  readonly text: string;
  /** How to mend it. */
  readonly mend: string | null;
  readonly exitCode: number;
};

export const command = defineCommand({
  description:
    'Tries everything a sync needs and says how to mend what does not work: the credential (one ping), the request budget, the destination, ' +
    'and whether Aircall sends fields that nobody declared (one page per stream). Loads nothing.',
  examples: [
    { line: 'trunkline check', does: 'Checks what the settings of this folder say.' },
    { line: 'trunkline check --destination duckdb:/data/aircall.duckdb', does: 'Another destination.' },
    { line: 'trunkline check --json', does: 'The same for a program; the exit code tells the worst finding.' },
  ],
  arguments: [{ name: '[stream...]', meaning: 'Streams whose fields are looked at; default: those that sync reads.' }],
  options: { json: jsonOption },
  settings: [...aircallSettings, ...destinationSettings, 'streams', 'hashSalt'],
  async run(context) {
    const { settings, options, file, stdout, env } = context;
    const chosen = chooseStreams(context.arguments.length > 0 ? context.arguments : (settings.streams ?? undefined));
    const fields = fieldsOf(file, settings.hashSalt);
    homeOf(context);
    const style = styleOf(stdout, env);
    const width = stdout.isTerminal ? stdout.columns() : 100;
    const findings: Finding[] = [];
    const tell = async (finding: Finding) => {
      findings.push(finding);
      if (!options.json) await stdout.write(`${linesOf(finding, style, width).join('\n')}\n`);
    };

    const open = await openAircall(context, silentLog).catch((error: unknown) => failed('credential', error));
    if ('check' in open) {
      await tell(open);
    } else {
      try {
        const credential = await checkCredential(open);
        await tell(credential);
        await tell(budgetFinding(open, settings, context.origins.company?.layer));
        if (credential.state !== 'bad') await tell(await checkFields(open.aircall, chosen, fields));
      } finally {
        await open.close();
      }
    }
    await tell(await checkDestination(context));
    if (options.json) await stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`);
    // A refused credential tells more than what follows from it.
    return findings.find((finding) => finding.exitCode !== exitCodes.done)?.exitCode ?? exitCodes.done;
  },
});

async function checkCredential({ aircall, credential }: OpenAircall): Promise<Finding> {
  try {
    await aircall.ping.check();
    return good('credential', `Aircall accepts the credential from ${credential.from}.`);
  } catch (error) {
    return failed('credential', explainRefusal(error, credential.from));
  }
}

function budgetFinding(
  { budget }: OpenAircall,
  settings: { readonly quota: number | 'off'; readonly reserve: number; readonly company: string | null },
  companyLayer: string | undefined,
): Finding {
  const { allowed, used, blockedUntilMs } = budget.status();
  if (settings.quota === 'off') {
    return {
      ...good('budget', 'Requests are not counted (TRUNKLINE_QUOTA is off).'),
      state: 'note',
      mend: 'Aircall grants a company 120 requests a minute; set TRUNKLINE_QUOTA to what yours has.',
    };
  }
  const blocked = blockedUntilMs === null ? '' : ' Aircall has just refused a request; everyone waits until its minute is over.';
  const text = `${count(allowed)} requests a minute (${count(settings.quota)} less ${count(settings.reserve)} for others); ${count(used)} used in the last minute.${blocked}`;
  if (companyLayer === undefined || companyLayer === 'default') {
    return {
      ...good('budget', text),
      state: 'note',
      mend: 'If other keys of the same company are used on this machine, give all of them the same TRUNKLINE_COMPANY; else each would count for itself.',
    };
  }
  return good('budget', `${text} Shared by all that name the company "${settings.company ?? ''}".`);
}

async function checkDestination(
  context: Parameters<typeof destinationOf>[0] & {
    readonly signal: AbortSignal;
    readonly stderr: Output;
    readonly clock: { now(): number };
  },
): Promise<Finding> {
  try {
    const destination = destinationOf(context);
    const session = await destination.open({ signal: context.signal, onWait: lockNotice(context.stderr) });
    try {
      const { known, lastPackage, tables, damage } = await session.recall(pipeline);
      const label = context.settings.destination.label;
      if (!known) return good('destination', `${label} can be written; nothing was loaded yet.`);
      if (damage.length > 0) {
        const { table, column, detail } = damage[0] ?? { table: '', column: null, detail: '' };
        const more = damage.length > 1 ? ` (and ${plural(damage.length - 1, 'more change')})` : '';
        return {
          ...good('destination', `${label} was changed by hand: ${column === null ? table : `${table}.${column}`}: ${detail}${more}`),
          state: 'note',
          mend: 'What is missing comes back with the next sync; what was altered has to be changed back, or its table dropped.',
        };
      }
      const last = lastPackage === null ? '' : `; the last package was committed ${ago(lastPackage.committedAt, context.clock.now())}`;
      return good('destination', `${label} holds ${plural(Object.keys(tables).length, 'table')}${last}.`);
    } finally {
      await session.close();
    }
  } catch (error) {
    return failed('destination', error);
  }
}

/** One page of each stream against the fields that are declared for it. */
async function checkFields(
  aircall: Aircall,
  streams: readonly Stream[],
  fields: Readonly<Record<string, FieldSettings>>,
): Promise<Finding> {
  const unknown: string[] = [];
  const odd: string[] = [];
  let looked = 0;
  try {
    for (const stream of streams.filter((each) => each.optIn !== true)) {
      const normaliser = createNormaliser({ shape: stream.shape, settings: fields[stream.name] });
      const records = await firstRecords(aircall, stream);
      looked += records.length;
      const nowMs = Date.now();
      const context = { observedAt: new Date(nowMs).toISOString(), observedAtMs: nowMs };
      for (const record of records) {
        for (const { table, column } of normaliser.lines(record, context).quarantined)
          odd.push(column === null ? table : `${table}.${column}`);
      }
      for (const table of Object.values(normaliser.tables())) {
        for (const [name, column] of Object.entries(table.columns)) if (column.origin === 'found') unknown.push(`${table.name}.${name}`);
      }
    }
  } catch (error) {
    return failed('fields', error);
  }
  const seen = `${plural(looked, 'record')} of ${plural(streams.filter((each) => each.optIn !== true).length, 'stream')}`;
  if (odd.length > 0) {
    return {
      ...good('fields', `In ${seen}, values do not fit their declared type: ${[...new Set(odd)].join(', ')}.`),
      state: 'note',
      mend: 'Such values go to quarantine and their rows are loaded; trunkline query "SELECT * FROM _trunkline_quarantine" shows them.',
    };
  }
  if (unknown.length > 0) {
    return {
      ...good('fields', `In ${seen}, Aircall sends fields nobody declared: ${unknown.join(', ')}.`),
      state: 'note',
      mend: 'They become columns by themselves; "contracts" in trunkline.config.json can change that.',
    };
  }
  return good('fields', `${seen} have exactly the fields that are declared.`);
}

type AnyMethod = (input: object, options?: RequestOptions) => Listing<unknown> | Promise<unknown>;

async function firstRecords(aircall: Aircall, { endpoint, shape }: Stream): Promise<readonly unknown[]> {
  const [group = '', method = ''] = endpoint.id.split('.');
  // The streams' endpoints are methods of the client by their id: `calls.list` is `aircall.calls.list`.
  const run = (aircall as unknown as Readonly<Record<string, Readonly<Record<string, AnyMethod>>>>)[group]?.[method];
  if (run === undefined) throw new UsageError({ code: 'unknown_endpoint', message: `The client has no method ${endpoint.id}.` });
  const answer = run({});
  if ('page' in answer) return (await answer.page(1)).rows;
  const record = await answer;
  // What exists once has no id at Aircall; its stream gives it one.
  return isObject(record) ? [{ [shape.key]: 1, ...record }] : [];
}

function good(check: Finding['check'], text: string): Finding {
  return { check, state: 'good', text, mend: null, exitCode: exitCodes.done };
}

function failed(check: Finding['check'], error: unknown): Finding {
  if (!isTrunklineError(error) || error.code === 'interrupted') throw error;
  const { message, hint }: TrunklineError = error;
  return { check, state: 'bad', text: message, mend: hint ?? null, exitCode: exitCodeOf(error) };
}

const marks = { good: ['✓', 'green'], note: ['!', 'yellow'], bad: ['✗', 'red'] } as const;

function linesOf({ check, state, text, mend }: Finding, style: Style, width: number): string[] {
  const [mark, colour] = marks[state];
  const room = Math.max(20, width - 15);
  const lines = [...wrap(text, room), ...(mend === null ? [] : wrap(`→ ${mend}`, room))];
  return lines.map((line, index) =>
    index === 0 ? `${style[colour](mark)} ${style.bold(check.padEnd(12))} ${line}` : `${' '.repeat(15)}${line}`,
  );
}
