// A process that holds pages in memory, parses and flattens them, and tells how long that took.
import { flattenPage } from './flatten.mjs';
import { fetchPages } from './pages.mjs';
import { usage } from './usage.mjs';

/** @typedef {{ readonly address: import('./processes.mjs').Address, readonly pages: number }} FlattenJob */
/** @typedef {{ readonly calls: number, readonly seconds: number, readonly peakMegabytes: number }} FlattenReport */

process.once('message', (/** @type {FlattenJob} */ job) => {
  void run(job).then((report) => process.send?.(report, undefined, {}, () => process.disconnect()));
});

/**
 * @param {FlattenJob} job
 * @returns {Promise<FlattenReport>}
 */
async function run({ address, pages: count }) {
  const pages = await fetchPages(address, count);
  let calls = 0;
  const startedAt = performance.now();
  // The rows of each page are forgotten with it, as if a sink had taken them.
  for (const page of pages) calls += flattenPage(page, new Map());
  return { calls, seconds: (performance.now() - startedAt) / 1000, ...usage() };
}
