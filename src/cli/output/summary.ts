// What a sync did, as a table with its proof: what Aircall said there is, and how many distinct ids were seen.
import type { DestinationUrl } from '../../destinations/index.ts';
import type { StreamResult, SyncResult } from '../../sync/index.ts';
import { count, duration, plural } from './format.ts';
import { outcomeWords } from './progress-lines.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';
import { wrap } from './width.ts';

type SummaryOptions = { readonly destination: DestinationUrl; readonly style: Style; readonly width: number };

export function summaryLines(result: SyncResult, options: SummaryOptions): string[] {
  const { destination, style, width } = options;
  const tookMs = Date.parse(result.endedAt) - Date.parse(result.startedAt);
  const table =
    tableLines({
      columns: [
        { title: 'Stream', minimum: 8 },
        { title: 'Read', align: 'right' },
        { title: 'Written', align: 'right' },
        { title: 'Gone', align: 'right' },
        { title: 'Set aside', align: 'right' },
        { title: 'In table', align: 'right' },
        { title: 'Proof', minimum: 10 },
      ],
      rows: result.streams.map((each) => [
        each.stream,
        count(each.rows),
        count(each.written),
        count(each.deleted),
        count(each.quarantined),
        each.liveRows === null ? '' : count(each.liveRows),
        proofOf(each),
      ]),
      width,
      style,
    }) ?? [];
  const messages = result.streams.flatMap((each, index) => [
    ...each.messages.flatMap((text) => marked(style.yellow('!'), `${each.stream}: ${text}`, width)),
    ...hintAfter(result.streams, index).flatMap((text) => marked(' ', text, width)),
  ]);
  return [
    '',
    ...table,
    '',
    ...messages,
    ...(messages.length > 0 ? [''] : []),
    `${headline(result, style)} ${plural(result.requests, 'request')} in ${duration(tookMs)}, ${plural(result.packages.length, 'package')} into ${destination.label}.`,
    ...nextSteps(result, style),
  ];
}

/** The stream's hint, unless the next stream that failed has the same one: once is enough. */
function hintAfter(streams: readonly StreamResult[], index: number): readonly string[] {
  const hint = streams[index]?.error?.hint;
  const next = streams.slice(index + 1).find(({ error }) => error !== null);
  return hint === undefined || next?.error?.hint === hint ? [] : [hint];
}

function proofOf(result: StreamResult): string {
  if (result.outcome !== 'done') return outcomeWords[result.outcome];
  if (result.listed === 0 && result.distinct === 0) return 'up to date';
  return result.listed === result.distinct
    ? `✓ ${count(result.distinct)} of ${count(result.listed)}`
    : `${count(result.distinct)} of ${count(result.listed)}`;
}

function headline(result: SyncResult, style: Style): string {
  switch (result.outcome) {
    case 'done': {
      const off = result.streams.filter((stream) => stream.outcome === 'off').map((stream) => stream.stream);
      return off.length === 0 ? style.green('Complete.') : `${style.green('Done')}, without ${off.join(', ')}.`;
    }
    case 'incomplete':
      return style.yellow('Not complete.');
    case 'interrupted':
      return style.yellow('Interrupted; everything sealed so far is safe.');
  }
}

function nextSteps(result: SyncResult, style: Style): string[] {
  const command = (line: string) => style.cyan(line);
  if (result.outcome === 'interrupted') return [`Go on with ${command('trunkline sync')}.`];
  if (result.outcome === 'incomplete') return [`Run ${command('trunkline sync')} again; it reads only what is missing.`];
  const due =
    result.stillDue.length === 0
      ? []
      : [`Still due: ${result.stillDue.join('; ')}. The next run goes on with it; --max-minutes gives it more time.`];
  const setAside = result.streams.some((each) => each.quarantined > 0)
    ? [`What was set aside: ${command('trunkline query "SELECT * FROM _trunkline_quarantine"')}`]
    : [];
  return [...due, ...setAside, `Ask it something: ${command('trunkline query "SELECT count(*) FROM live_calls"')}`];
}

function marked(mark: string, text: string, width: number): string[] {
  return wrap(text, Math.max(20, Math.min(width, 110) - 2)).map((line, index) => `${index === 0 ? mark : ' '} ${line}`);
}
