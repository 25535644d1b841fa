import { spawnSync } from 'node:child_process';

/**
 * Runs npm and waits for it: the npm that runs this script, or the one on the path.
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnSyncOptionsWithStringEncoding} options
 */
export function npm(args, options) {
  const script = process.env['npm_execpath'];
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script)) return spawnSync(process.execPath, [script, ...args], options);
  // On Windows npm is a command file, which only a shell can start.
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}
