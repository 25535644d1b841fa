import { styleText } from 'node:util';
import type { Environment, Output } from '../world.ts';

export type Paint = (text: string) => string;
export type Style = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', Paint>>;

const names = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

/** Colours for a terminal; plain text elsewhere, and where NO_COLOR (no-color.org) or a dumb terminal asks for it. */
export function styleOf(output: Output, env: Environment): Style {
  const coloured = output.isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return Object.fromEntries(
    names.map((name) => [name, coloured ? (text: string) => styleText(name, text, { validateStream: false }) : (text: string) => text]),
  ) as Record<(typeof names)[number], Paint>; // The entries are exactly the names.
}
