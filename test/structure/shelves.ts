import { posix } from 'node:path';
import { importsOf, statementForms, type Import } from './imports.ts';

/** The rooms of src/ by shelf. A room opens doors (`index.ts`) on lower shelves only. */
const shelves: Readonly<Record<string, number>> = {
  cli: 9,
  serve: 8,
  dashboard: 7,
  library: 7,
  sync: 6,
  inbox: 6,
  gateway: 6,
  connectors: 6,
  destinations: 5,
  streams: 4,
  load: 4,
  metrics: 4,
  client: 3,
  rows: 3,
  simulator: 3,
  aircall: 2,
  store: 2,
  base: 1,
};

/** Rooms that only compute: no files, no network, no other processes. */
const pureRooms: readonly string[] = ['base', 'aircall', 'rows', 'metrics'];
const worldly = /^(?:node:)?(?:fs|net|tls|http|https|http2|dgram|child_process|cluster|worker_threads)(?:\/|$)|^undici$/;

/** A file by its path from the repository's root, with `/`. */
export type Files = ReadonlyMap<string, string>;

export type StructureOptions = {
  /** Packages that may be missing after an install: loaded when first used, never by a statement. */
  readonly optionalPackages?: readonly string[];
};

/** Everything in these files that breaks the order of the rooms, as `path:line: what is wrong`, sorted. */
export function violations(files: Files, options: StructureOptions = {}): readonly string[] {
  const found: string[] = [];
  const imports = importsByFile(files);
  for (const [path, ofFile] of imports) {
    for (const reached of ofFile) {
      const wrong = wrongWith(path, reached, options);
      if (wrong !== null) found.push(`${path}:${reached.line}: ${reached.form} ${reached.specifier ?? '?'}: ${wrong}`);
    }
  }
  return [...found, ...doors(files, imports), ...cycles(imports)].sort();
}

/** All files that can be reached from one, itself included, and all packages named on the way. */
export function reachable(files: Files, from: string): { readonly paths: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const imports = importsByFile(files);
  const paths = new Set<string>();
  const packages = new Set<string>();
  const open = [from];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const ofFile = imports.get(path);
    if (paths.has(path) || ofFile === undefined) continue;
    paths.add(path);
    for (const { specifier } of ofFile) {
      if (specifier === null) continue;
      if (isRelative(specifier)) open.push(resolve(path, specifier));
      else packages.add(specifier);
    }
  }
  return { paths, packages };
}

function wrongWith(path: string, { form, specifier }: Import, { optionalPackages = [] }: StructureOptions): string | null {
  const from = placeOf(path);
  if (specifier === null) return from.inSource ? 'cannot be read; write the path as a plain string' : null;

  if (!isRelative(specifier)) {
    if (/^(?:file:|\/|[A-Za-z]:[\\/])/.test(specifier)) return 'is an absolute path';
    if (!from.inSource) return null;
    if (/^(?:trunkline(?:\/|$)|#)/.test(specifier)) return 'reaches the package by its own name; use a relative path';
    if (from.room !== null && pureRooms.includes(from.room) && !from.isTest && worldly.test(specifier))
      return `${from.room}/ only computes`;
    const optional = optionalPackages.find((name) => specifier === name || specifier.startsWith(`${name}/`));
    const loads = form === 'import' || form === 'side effect' || form === 'export from' || form === 'export * from';
    return optional !== undefined && loads && !from.isTest ? `${optional} is optional; load it with import() when it is first used` : null;
  }

  const target = resolve(path, specifier);
  const to = placeOf(target);
  if (form !== 'new URL' && form !== 'import.meta.resolve' && !/\.[a-z]+$/.test(target))
    return 'does not name a file; relative imports end in .ts';
  if (form === 'mock') return 'our own modules are not mocked';
  if (!to.inSource) return from.inSource && !from.isTest && target !== 'package.json' ? 'leaves src/' : null;
  if (path.startsWith('examples/')) return 'goes around the package’s entries; examples import trunkline by its name';
  if (/\.jsx?$/.test(target)) return 'names what the compiler makes of it; relative imports end in .ts';
  if (to.isTest && !to.isConformance) return 'reaches into a test';
  if (to.isConformance && !from.isTest) return 'is for tests only';

  if (to.room === null) {
    if (target !== 'src/index.ts') return 'is not in a room';
    return from.inSource ? 'is the package’s entry; nothing in src/ imports it' : null;
  }
  if (from.room === to.room)
    return target === `src/${to.room}/index.ts` && path !== target ? 'goes through the own door; import the file itself' : null;

  const shelf = shelves[to.room];
  if (shelf === undefined) return `${to.room}/ is on no shelf`;
  if (target !== `src/${to.room}/index.ts` && !to.isConformance) return `does not come in through the door, src/${to.room}/index.ts`;
  if (to.room === 'simulator')
    return from.isTest || from.room === 'cli' || !from.inSource ? null : 'opens the simulator, which is for cli/ and tests';
  if (!from.inSource) return null;
  if (from.room === null) return to.room === 'cli' ? 'nobody imports cli/' : null;

  const own = shelves[from.room];
  if (own === undefined) return `${from.room}/ is on no shelf`;
  // A test may set two rooms of one shelf against each other; only higher rooms stay out of its sight.
  if (shelf < own || (from.isTest && shelf === own)) return null;
  return `${from.room}/ stands on shelf ${own} and ${to.room}/ on ${shelf}; doors open on lower shelves only`;
}

function doors(files: Files, imports: ImportsByFile): readonly string[] {
  const found: string[] = [];
  const rooms = new Set([...files.keys()].map((path) => placeOf(path).room).filter((room) => room !== null));
  for (const room of rooms) {
    const path = `src/${room}/index.ts`;
    const text = files.get(path);
    if (shelves[room] === undefined) found.push(`src/${room}/: is on no shelf`);
    if (text === undefined) {
      found.push(`${path}: is missing; every room has a door`);
      continue;
    }
    if (!/^(?:\/\/|\/\*)/.test(text)) found.push(`${path}:1: does not open with a comment that says what the room is for`);
    for (const { form, line, specifier } of imports.get(path) ?? []) {
      if (form === 'export * from') found.push(`${path}:${line}: export * from ${specifier ?? '?'}: a door names what it lets out`);
    }
  }
  return found;
}

/** Circles of import statements, type imports included: each as the files in the order they import one another. */
function cycles(imports: ImportsByFile): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) {
      found.push(`${path}: is part of a circle: ${[...trail.slice(at), path].join(' → ')}`);
      return;
    }
    const ofFile = imports.get(path);
    if (done.has(path) || ofFile === undefined) return;
    for (const { form, specifier } of ofFile) {
      if (specifier !== null && isRelative(specifier) && statementForms.includes(form)) visit(resolve(path, specifier), [...trail, path]);
    }
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}

type ImportsByFile = ReadonlyMap<string, readonly Import[]>;

function importsByFile(files: Files): ImportsByFile {
  return new Map([...files].map(([path, text]) => [path, importsOf(path, text)]));
}

type Place = {
  readonly inSource: boolean;
  /** The folder below src/; null elsewhere. */
  readonly room: string | null;
  readonly isTest: boolean;
  /** A suite that every implementation runs: a second door of its room, for tests. */
  readonly isConformance: boolean;
};

function placeOf(path: string): Place {
  const isConformance = path.endsWith('.conformance.ts');
  return {
    inSource: path.startsWith('src/'),
    room: /^src\/([^/]+)\//.exec(path)?.[1] ?? null,
    isTest: isConformance || path.endsWith('.test.ts'),
    isConformance,
  };
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('./') || specifier.startsWith('../') || specifier === '.' || specifier === '..';
}

function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier.replace(/[?#].*$/, ''));
}
