import { parseSync } from 'oxc-parser';

/** How one file reaches another. */
export type ImportForm =
  | 'import'
  | 'import type'
  | 'side effect'
  | 'export from'
  | 'export * from'
  | 'import()'
  | 'typeof import()'
  | 'require'
  | 'import.meta.resolve'
  | 'new URL'
  | 'declare module'
  | 'reference'
  | 'mock';

export type Import = {
  readonly form: ImportForm;
  /** As written; null where it is not a plain string, so that nobody can say what it reaches. */
  readonly specifier: string | null;
  readonly line: number;
};

/** Forms that are statements of the module itself: the ones import cycles are made of. */
export const statementForms: readonly ImportForm[] = ['import', 'import type', 'side effect', 'export from', 'export * from'];

/** Everything a file reaches for, in whatever way it is written. */
export function importsOf(path: string, text: string): readonly Import[] {
  const { program, comments, errors } = parseSync(path, text);
  const problem = errors[0];
  if (problem !== undefined) throw new Error(`${path} cannot be read: ${problem.message}`);

  const found: Import[] = [];
  const add = (form: ImportForm, at: Node, specifier: unknown): void => {
    found.push({ form, specifier: textOf(specifier), line: lineAt(text, at.start) });
  };
  const requires = new Set(['require']);

  walk(program, (node) => {
    switch (node.type) {
      case 'ImportDeclaration':
        add(importForm(node), node, node['source']);
        break;
      case 'ExportNamedDeclaration':
        if (isNode(node['source'])) add('export from', node, node['source']);
        break;
      case 'ExportAllDeclaration':
        add('export * from', node, node['source']);
        break;
      case 'ImportExpression':
        add('import()', node, node['source']);
        break;
      case 'TSImportType':
        add('typeof import()', node, node['source']);
        break;
      case 'TSExternalModuleReference':
        add('require', node, node['expression']);
        break;
      case 'TSModuleDeclaration':
        if (textOf(node['id']) !== null) add('declare module', node, node['id']);
        break;
      case 'VariableDeclarator':
        if (makesRequire(node['init']) && isNode(node['id'])) requires.add(String(node['id']['name']));
        break;
      case 'CallExpression': {
        const callee = nameOf(node['callee']);
        const [first] = list(node['arguments']);
        if (callee === 'import.meta.resolve') add('import.meta.resolve', node, first);
        else if (/^vi\.(?:mock|doMock|importActual|importMock)$/.test(callee)) add('mock', node, first);
        else if (requires.has(callee.replace(/\.resolve$/, '')) || makesRequire(node['callee'])) add('require', node, first);
        break;
      }
      case 'NewExpression': {
        const [first, second] = list(node['arguments']);
        if (nameOf(node['callee']) !== 'URL' || nameOf(second) !== 'import.meta.url') break;
        const target = textOf(first);
        // To a URL, `x.ts` is as relative as `./x.ts`.
        found.push({
          form: 'new URL',
          specifier: target === null ? null : target.replace(/^(?![./]|[a-z]+:)/, './'),
          line: lineAt(text, node.start),
        });
        break;
      }
      case 'MemberExpression':
        // Paths glued together from these could lead anywhere; `new URL('./x', import.meta.url)` can be read.
        if (/^import\.meta\.(?:dirname|filename)$/.test(nameOf(node))) add('new URL', node, null);
        break;
      default:
    }
  });
  for (const comment of comments) {
    const reference = /^\/\s*<reference\s+path=["']([^"']+)["']/.exec(comment.value);
    if (reference !== null) found.push({ form: 'reference', specifier: reference[1] ?? null, line: lineAt(text, comment.start) });
  }
  return found;
}

type Node = { readonly type: string; readonly start: number; readonly [key: string]: unknown };

function importForm(node: Node): ImportForm {
  if (node['importKind'] === 'type') return 'import type';
  return list(node['specifiers']).length === 0 ? 'side effect' : 'import';
}

/** The text of a string literal or of a template without gaps. */
function textOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type === 'TSLiteralType') return textOf(node['literal']);
  const quasis = list(node['quasis']);
  if (node.type !== 'TemplateLiteral' || quasis.length !== 1) return null;
  const [only] = quasis;
  const value = isNode(only) ? only['value'] : null;
  return typeof value === 'object' && value !== null && 'cooked' in value && typeof value.cooked === 'string' ? value.cooked : null;
}

/** `a.b.c` for a chain of names, else an empty text. */
function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type === 'MetaProperty') return 'import.meta';
  if (node.type !== 'MemberExpression' || node['computed'] === true) return '';
  const object = nameOf(node['object']);
  return object === '' ? '' : `${object}.${nameOf(node['property'])}`;
}

function makesRequire(node: unknown): boolean {
  return isNode(node) && node.type === 'CallExpression' && /(?:^|\.)createRequire$/.test(nameOf(node['callee']));
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit);
  } else if (typeof node === 'object' && node !== null) {
    if (isNode(node)) visit(node);
    for (const value of Object.values(node)) walk(value, visit);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
