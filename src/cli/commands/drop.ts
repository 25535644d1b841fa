import { historyStartMs } from '../../aircall/index.ts';
import { UsageError, version } from '../../base/index.ts';
import { thisProcess } from '../../load/index.ts';
import type { Session } from '../../load/index.ts';
import { pipeline } from '../../sync/index.ts';
import { streamNamed } from '../choose.ts';
import { defineCommand, jsonOption, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { count, plural } from '../output/format.ts';
import { lockNotice } from '../output/lock-notice.ts';
import { confirm } from '../output/prompt.ts';
import { destinationOf, destinationSettings } from '../wire.ts';

type Dropped = { readonly stream: string; readonly tables: readonly string[]; readonly rows: number; readonly beyondAircall: number };

export const command = defineCommand({
  description:
    'Forgets streams: their tables, what was set aside of them, and where they stand, in one commit. The next sync reads them anew, except ' +
    'what Aircall no longer serves: it says first how many rows those are.',
  examples: [
    { line: 'trunkline drop contacts', does: 'Says what would be lost, asks, and drops the contacts.' },
    { line: 'trunkline drop calls --yes', does: 'Does not ask.' },
  ],
  arguments: [{ name: '<stream...>', meaning: 'Streams to forget.' }],
  options: { yes: option.switch('Do not ask.'), json: jsonOption },
  settings: [...destinationSettings, 'home'],
  async run(context) {
    const { settings, options, stdout, stderr, signal, clock } = context;
    const chosen = context.arguments.map(streamNamed);
    const session = await destinationOf(context).open({ signal, onWait: lockNotice(stderr) });
    try {
      const { tables, states } = await session.recall(pipeline);
      const roots = [...new Set(chosen.map((stream) => stream.shape.table))];
      const known = roots.filter((root) => tables[root] !== undefined);
      if (known.length === 0 && chosen.every((stream) => states[stream.name] === undefined)) {
        throw new UsageError({
          code: 'nothing_to_drop',
          message: `${settings.destination.label} holds nothing of ${context.arguments.join(', ')}.`,
          hint: 'trunkline status shows what it holds.',
        });
      }
      const oldest = new Date(historyStartMs(clock.now())).toISOString();
      const dropped: Dropped[] = [];
      for (const stream of chosen) {
        const root = stream.shape.table;
        const own = Object.keys(tables).filter((name) => name === root || name.startsWith(`${root}__`));
        const rows = own.includes(root) ? await number(session, `SELECT count(*) FROM "${root}"`) : 0;
        const beyondAircall =
          own.includes(root) && root === 'calls'
            ? await number(session, `SELECT count(*) FROM calls WHERE started_at < TIMESTAMPTZ '${oldest}'`)
            : own.includes(root)
              ? await number(session, `SELECT count(*) FROM "${root}" WHERE _deleted_at IS NOT NULL`)
              : 0;
        dropped.push({ stream: stream.name, tables: own, rows, beyondAircall });
      }
      for (const { stream, rows, tables: own, beyondAircall } of dropped) {
        const lost =
          beyondAircall === 0 ? 'Aircall can give all of them again.' : `${count(beyondAircall)} of them Aircall can no longer give back.`;
        await stderr.write(`${stream}: ${plural(rows, 'row')} in ${plural(own.length, 'table')}. ${lost}\n`);
      }
      const ok = options.yes || (await confirm(context, `Drop ${context.arguments.join(', ')}?`, 'Add --yes to drop without being asked.'));
      if (!ok) {
        await stderr.write('Nothing was dropped.\n');
        return exitCodes.done;
      }
      const lease = await session.claim(pipeline, thisProcess(version));
      try {
        await session.drop(pipeline, dropped, lease);
        await session.publish();
      } finally {
        await session.release(lease);
      }
      await stdout.write(
        options.json
          ? `${JSON.stringify({ dropped }, null, 2)}\n`
          : `Dropped ${context.arguments.join(', ')}. The next sync reads it anew.\n`,
      );
      return exitCodes.done;
    } finally {
      await session.close();
    }
  },
});

async function number(session: Session, sql: string): Promise<number> {
  const { rows } = await session.query(sql);
  let found = 0;
  for await (const [value] of rows) found = Number(value);
  return found;
}
