import { parseSync } from 'oxc-parser';
import { importsOf } from './imports.ts';
import type { Files } from './shelves.ts';
import { posix } from 'node:path';

/**
 * Whether a test with this title stands in the file, or in a conformance suite the file runs. Reads the source, so it can
 * tell without running anything; titles made from a table (`%s`) match whatever may stand in the gap.
 */
export function hasTest(files: Files, path: string, title: string): boolean {
  const last = title.split(' > ').at(-1) ?? title;
  return [path, ...suitesOf(files, path)].some((file) => titlesOf(file, files.get(file) ?? '').some((pattern) => pattern.test(last)));
}

function suitesOf(files: Files, path: string): readonly string[] {
  return importsOf(path, files.get(path) ?? '')
    .map(({ specifier }) => (specifier === null ? '' : posix.join(posix.dirname(path), specifier)))
    .filter((target) => target.endsWith('.conformance.ts'));
}

function titlesOf(path: string, text: string): readonly RegExp[] {
  const found: RegExp[] = [];
  JSON.stringify(parseSync(path, text).program, (_key, node: unknown) => {
    const title = titleIn(node);
    if (title !== null) found.push(title);
    return plain(_key, node);
  });
  return found;
}

type Call = {
  readonly type: string;
  readonly callee: unknown;
  readonly arguments: readonly {
    readonly type: string;
    readonly value?: unknown;
    readonly quasis?: readonly { readonly value: { readonly cooked: string } }[];
  }[];
};

function titleIn(node: unknown): RegExp | null {
  if (typeof node !== 'object' || node === null || !('type' in node) || node.type !== 'CallExpression') return null;
  const { callee, arguments: args } = node as Call;
  // test(…), it(…), test.each(…)(…), test.for(…)(…), fcTest.prop(…)(…)
  if (!/"name":"(?:test|it)"/.test(JSON.stringify(callee, plain))) return null;
  const [first] = args;
  if (first === undefined) return null;
  const parts = first.type === 'TemplateLiteral' ? (first.quasis ?? []).map(({ value }) => value.cooked) : [first.value];
  if (!parts.every((part) => typeof part === 'string')) return null;
  const gaps = /%[sdifjoOc#$%]|\$[\w.]+/;
  const source = parts.map((part) => part.split(gaps).map(escapeText).join('.*')).join('.*');
  return new RegExp(`^${source}$`, 's');
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** What stands in a syntax tree and not in JSON is left out. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? null : value;
}
