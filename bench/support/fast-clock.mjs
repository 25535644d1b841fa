import { systemClock } from '../../dist/base/index.js';

/**
 * A clock that runs `factor` times as fast as the world, the same in every process that starts it with the same moment.
 * @param {number} factor
 * @param {number} startMs
 * @returns {import('../../dist/base/index.js').Clock}
 */
export function fastClock(factor, startMs) {
  const now = () => startMs + (Date.now() - startMs) * factor;
  const startedAt = performance.now();
  return { now, monotonic: () => (performance.now() - startedAt) * factor, sleep: (ms, signal) => systemClock.sleep(ms / factor, signal) };
}
