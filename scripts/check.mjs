// Everything that can be checked without running the program. Every step runs, so that one look shows all that is
// wrong; the exit code is 1 when any failed. `npm run check -- lint types` runs only the steps named.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The program of an installed package, started without npx: quicker, and never downloads. */
const bin = (/** @type {string} */ path) => join(root, 'node_modules', path);

/** @type {readonly { name: string, does: string, run: readonly string[] }[]} */
const steps = [
  { name: 'format', does: 'the format is oxfmt’s', run: [bin('oxfmt/bin/oxfmt'), '--check', '.'] },
  { name: 'types', does: 'the types fit', run: [bin('typescript/bin/tsc'), '--noEmit'] },
  { name: 'lint', does: 'the rules of .oxlintrc.json hold', run: [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'unused', does: 'no file, export or dependency is unused', run: [bin('knip/bin/knip.js')] },
  { name: 'build', does: 'dist/ builds', run: [join(root, 'scripts/build.mjs')] },
  { name: 'package', does: 'what npm would publish is right', run: [join(root, 'scripts/check-package.mjs')] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`There is no step ${unknown.join(', ')}. The steps: ${steps.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

let failed = 0;
for (const { name, does, run } of steps) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, run, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`ok      ${name.padEnd(8)} ${does} (${seconds} s)`);
  } else {
    failed += 1;
    console.log(`FAILED  ${name.padEnd(8)} ${seconds} s\n${stdout}${stderr}`);
  }
}
if (failed > 0) console.error(`${failed} of the checks failed.`);
process.exitCode = failed > 0 ? 1 : 0;
