// Files as Airbyte's tools pass them.
import { readFile } from 'node:fs/promises';
import { InputRefused } from './input-errors.ts';

export type InputFile = { readonly what: 'config' | 'catalog' | 'state'; readonly path: string };

/** The text of a file, without a byte order mark. Throws `InputRefused` naming the file. */
export async function readInput({ what, path }: InputFile): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new InputRefused(
      { message: `The ${what} file ${path} cannot be read (${code}).`, hint: `Check what --${what} names.` },
      { cause },
    );
  }
}

/** Throws `InputRefused` naming the file; never with a piece of it. */
export function parseInput({ what, path }: InputFile, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputRefused({ message: `The ${what} file ${path} is not JSON.`, hint: 'It may be cut off, or be another file.' });
  }
}
