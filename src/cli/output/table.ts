// Tables for people: columns as wide as needed, shrunk to the terminal, numbers to the right.
import type { Style } from './style.ts';
import { padEnd, padStart, truncate, visible, widthOf } from './width.ts';

export type TableColumn = {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Never shrunk below this many cells. */
  readonly minimum?: number;
};

export type TableOptions = {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Cells available, or `Infinity`. */
  readonly width: number;
  readonly style: Style;
  readonly indent?: number;
};

const gap = '  ';
const smallest = 6;

/**
 * The lines of a table, or null when its columns do not fit the width even when shrunk. Control characters in values
 * are written out, so that data cannot steer the terminal.
 */
export function tableLines(options: TableOptions): string[] | null {
  const { columns, style, indent = 0 } = options;
  const rows = options.rows.map((row) => row.map(visible));
  const widths = fit(columns, rows, options.width - indent);
  if (widths === null) return null;
  const margin = ' '.repeat(indent);
  const line = (cells: readonly string[], paint: (text: string) => string = (text) => text) =>
    (
      margin +
      cells
        .map((cell, index) => {
          const width = widths[index] ?? 0;
          const cut = truncate(cell, width);
          return paint(columns[index]?.align === 'right' ? padStart(cut, width) : padEnd(cut, width));
        })
        .join(gap)
    ).trimEnd();
  return [
    line(
      columns.map((column) => column.title),
      style.bold,
    ),
    style.dim(margin + widths.map((width) => '─'.repeat(width)).join(gap)),
    ...rows.map((row) => line(row)),
  ];
}

/** One block a row, one line a field: for rows too wide for a table. */
export function recordLines(options: TableOptions, firstNumber = 1): string[] {
  const { columns, rows, style, indent = 0 } = options;
  const names = Math.max(...columns.map((column) => widthOf(column.title)), 0);
  const room = Math.max(smallest, options.width - names - gap.length - indent);
  const margin = ' '.repeat(indent);
  return rows.flatMap((row, index) => [
    style.dim(`${margin}── row ${firstNumber + index} ──`),
    ...columns.map((column, at) =>
      `${margin}${style.bold(padEnd(column.title, names))}${gap}${truncate(visible(row[at] ?? ''), room)}`.trimEnd(),
    ),
  ]);
}

function fit(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): number[] | null {
  const widths = columns.map((column, index) =>
    rows.reduce((widest, row) => Math.max(widest, Math.min(width, widthOf(row[index] ?? ''))), widthOf(column.title)),
  );
  const least = columns.map((column, index) => Math.min(widths[index] ?? 0, column.minimum ?? smallest));
  const total = () => widths.reduce((sum, each) => sum + each, 0) + gap.length * Math.max(0, columns.length - 1);
  while (total() > width) {
    let widest = -1;
    for (const [index, each] of widths.entries()) {
      if (each > (least[index] ?? 0) && (widest < 0 || each > (widths[widest] ?? 0))) widest = index;
    }
    if (widest < 0) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
