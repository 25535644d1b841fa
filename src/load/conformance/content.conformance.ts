// Packages with arbitrary content that only depends on a seed and a number, so that two processes agree on it.
import type { PackageStore } from '../package-store.ts';
import type { DeletionLine, PatchLine, SealedPackage } from '../package.ts';
import { at, calls, users } from './tables.conformance.ts';
import type { Content, Values } from './merge-model.conformance.ts';
import { familiesOf } from '../table-set.ts';

const statuses = ['initial', 'answered', 'done'] as const;

/** Numbers in `[0, limit)`, the same for the same seed. */
export type Draw = (limit: number) => number;

export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Content of package `sequence`: rows, patches and deletions of a few keys at moments in any order. */
export function contentOf(draw: Draw, sequence: number, sizes: { readonly keys: number; readonly lines: number }): Content {
  const { keys, lines } = sizes;
  const rows: Record<string, Values[]> = { calls: [], calls__tags: [], calls__tags__hints: [], users: [] };
  const patches: PatchLine[] = [];
  const deletions = new Map<number, DeletionLine>();
  // Of one key, no two lines of a package are of one moment; across packages they may be.
  const taken = new Set<string>();
  for (let line = 0; line < lines; line += 1) {
    const id = 1 + draw(keys);
    const moment = at(draw(12) + Math.max(0, sequence - 3));
    const kind = draw(10);
    if (kind < 6) {
      if (taken.has(`${id} ${moment}`)) continue;
      taken.add(`${id} ${moment}`);
      addCall(draw, rows, id, moment);
    } else if (kind < 8) {
      patches.push(patchOf(draw, id, moment));
    } else if (kind < 9) {
      deletions.set(id, {
        table: 'calls',
        key: String(id),
        deletedAt: moment,
        observedAt: moment,
        mode: draw(3) === 0 ? 'remove' : 'mark',
      });
    } else {
      rows['users']?.push({ id, name: `user ${draw(100)}`, _observed_at: at(100 * sequence + line) });
    }
  }
  return { tables: { ...calls, ...users }, rows, patches: { calls: patches }, deletions: [...deletions.values()], state: { sequence } };
}

function addCall(draw: Draw, rows: Record<string, Values[]>, id: number, moment: string): void {
  rows['calls']?.push({
    id,
    status: statuses[draw(3)],
    duration: draw(2) === 0 ? null : draw(100),
    score: draw(100) / 8,
    archived: draw(2) === 0,
    started_at: at(draw(50)),
    note: `note ${draw(100)}`,
    raw: { list: [draw(5), null] },
    _observed_at: moment,
  });
  const tags = draw(4);
  for (let index = 0; index < tags; index += 1) {
    rows['calls__tags']?.push({ _parent_id: id, _index: index, id: draw(9), name: `tag ${draw(9)}`, _observed_at: moment });
    if (draw(2) === 0)
      rows['calls__tags__hints']?.push({ _parent_id: id, _parent_index: index, _index: 0, value: `hint ${draw(9)}`, _observed_at: moment });
  }
}

function patchOf(draw: Draw, id: number, eventAt: string): PatchLine {
  const row: Record<string, unknown> = { id };
  if (draw(2) === 0) row['status'] = statuses[draw(3)];
  if (draw(2) === 0) row['duration'] = draw(3) === 0 ? null : draw(100);
  if (draw(3) === 0) row['raw'] = draw(2) === 0 ? null : { from: 'event', n: draw(9) };
  if (draw(3) === 0) row['started_at'] = at(draw(50));
  const children: Record<string, Values[]> = {};
  if (draw(3) === 0) {
    children['calls__tags'] = Array.from({ length: draw(3) }, (_unused, index) => ({
      _index: index,
      id: draw(9),
      name: `event tag ${draw(9)}`,
    }));
    children['calls__tags__hints'] = children['calls__tags'].map((_tag, index) => ({
      _parent_index: index,
      _index: 0,
      value: `event hint ${draw(9)}`,
    }));
  }
  return { row, children, eventAt };
}

/** Writes content as a sealed package. The state it moves is that of the first stream. */
export async function seal(
  packages: PackageStore,
  sequence: number,
  content: Content,
  onDrafted: () => void = () => {},
): Promise<SealedPackage> {
  const draft = await packages.draft({ sequence, source: 'api' });
  for (const [table, rows] of Object.entries(content.rows ?? {})) {
    for (const row of rows) await draft.append(table, row as Record<string, never>);
  }
  for (const [table, patches] of Object.entries(content.patches ?? {})) for (const patch of patches) await draft.patch(table, patch);
  for (const deletion of content.deletions ?? []) await draft.delete(deletion);
  onDrafted();
  const stream = familiesOf(content.tables)[0]?.root.name ?? 'calls';
  const state = content.state === undefined ? { sequence } : content.state;
  return draft.seal({ tables: content.tables, stateBefore: {}, stateAfter: { [stream]: state as { sequence: number } | null } });
}
