import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { hasEnded, thisProcess } from './process-identity.ts';

test('this process has not ended', () => {
  expect(hasEnded(thisProcess('1.0.0'))).toBe(false);
});

test('two runs of one process are told apart', () => {
  expect(thisProcess('1.0.0').run).not.toBe(thisProcess('1.0.0').run);
});

test('a process that was killed has ended', async () => {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
  const identity = { ...thisProcess('1.0.0'), pid: child.pid ?? 0, startedAt: '' };
  expect(hasEnded(identity)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(hasEnded(identity)).toBe(true);
});

test('an id that another process has by now belongs to one that has ended', () => {
  const same = hasEnded({ ...thisProcess('1.0.0'), startedAt: 'at another time' });
  expect(same).toBe(process.platform !== 'win32');
});

test('of a process on another machine nothing is known', () => {
  expect(hasEnded({ ...thisProcess('1.0.0'), host: 'elsewhere.example.com', pid: 1, startedAt: 'long ago' })).toBe(false);
});
