// Runs our own source in other processes: compiled once per test file into a folder beside `src`, from where it finds the
// same packages.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll } from 'vitest';

const project = resolve(fileURLToPath(new URL('../../..', import.meta.url)));

export type Compiled = {
  /** The URL of a compiled source file. */
  readonly urlOf: (source: string) => string;
  /** Starts a program of a few lines that can import compiled files. */
  readonly start: (program: string) => ChildProcess;
  readonly remove: () => void;
};

/** Compiles source files (absolute paths) and everything they import. */
export function compile(sources: readonly string[]): Compiled {
  const folder = mkdtempSync(join(project, 'dist-child-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const configuration = {
    extends: '../tsconfig.json',
    compilerOptions: { noEmit: false, rootDir: '../src', outDir: '.', declaration: false, types: ['node'] },
    files: sources,
    include: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration));
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  const outcome = spawnSync(process.execPath, [compiler, '-p', folder], { cwd: project, encoding: 'utf8' });
  if (outcome.status !== 0) {
    remove();
    throw new Error(`The sources for other processes do not compile:\n${outcome.stdout}`);
  }
  const urlOf = (source: string) => pathToFileURL(join(folder, relative(join(project, 'src'), source)).replace(/\.ts$/, '.js')).href;
  return {
    urlOf,
    start: (program) =>
      spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }),
    remove,
  };
}

export type Exit = { readonly code: number | null; readonly signal: string | null; readonly output: string };

/** Waits until a child has ended. */
export function exitOf(child: ChildProcess): Promise<Exit> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((done) => {
    child.on('close', (code, signal) => done({ code, signal, output }));
  });
}

export type OtherProcesses = {
  /** Starts a program, and ends it after the test. */
  readonly start: (program: string) => ChildProcess;
  /** The program as a file of its own would have it. */
  readonly programFor: (program: string) => string;
};

/**
 * Compiles source files (by a name each) before the tests of a file, for programs that find the URL of a file under its name in
 * capitals: `LOG`.
 */
export function useOtherProcesses(sources: Readonly<Record<string, string>>): OtherProcesses {
  const children = new Set<ChildProcess>();
  let compiled: Compiled;
  beforeAll(() => {
    compiled = compile(Object.values(sources));
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  afterAll(() => compiled.remove());
  const programFor = (program: string) => {
    const places = Object.entries(sources).map(([name, path]) => `const ${name.toUpperCase()} = ${JSON.stringify(compiled.urlOf(path))};`);
    return `${places.join('\n')}\n${program}`;
  };
  return {
    programFor,
    start: (program) => {
      const child = compiled.start(programFor(program));
      children.add(child);
      return child;
    },
  };
}
