// The tables that the conformance suite loads: two streams, one of them with children on two levels and every type.
import { type Clock, systemClock } from '../../base/index.ts';
import type { Column, ColumnType, Table, TableSet } from '../../rows/index.ts';

export function table(name: string, columns: Readonly<Record<string, ColumnType>>, facts: Partial<Table> = {}): Table {
  return {
    name,
    parent: null,
    key: ['id'],
    path: [],
    columns: Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, column_(column, type)])),
    ...facts,
  };
}

function column_(name: string, type: ColumnType): Column {
  return { type, path: [name], origin: 'declared', ...(name === 'status' ? { order: ['initial', 'answered', 'done'] } : {}) };
}

export const calls: TableSet = {
  calls: table('calls', {
    id: 'bigint',
    status: 'text',
    duration: 'integer',
    score: 'double',
    archived: 'boolean',
    started_at: 'timestamp',
    note: 'text',
    raw: 'json',
  }),
  calls__tags: table('calls__tags', { id: 'bigint', name: 'text' }, { parent: 'calls', key: ['_parent_id', '_index'], path: ['tags'] }),
  calls__tags__hints: table(
    'calls__tags__hints',
    { value: 'text' },
    { parent: 'calls__tags', key: ['_parent_id', '_parent_index', '_index'], path: ['tags', 'hints'] },
  ),
};

export const users: TableSet = { users: table('users', { id: 'bigint', name: 'text' }) };

/** The day on which every test happens; only the time since its begin is real. */
export const dayOfTests: Clock = { ...systemClock, now: () => Date.UTC(2026, 9, 1, 9) + performance.now() };

/** A moment n microseconds into that day. */
export function at(n: number): string {
  const seconds = String(Math.floor(n / 1_000_000) % 60).padStart(2, '0');
  return `2026-10-01T08:00:${seconds}.${String(n % 1_000_000).padStart(6, '0')}Z`;
}
