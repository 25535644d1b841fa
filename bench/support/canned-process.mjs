// A process that answers every request with the next of the pages it was given: a server that costs next to nothing.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fetchPages } from './pages.mjs';
import { usage } from './usage.mjs';

/** @typedef {{ readonly address: import('./processes.mjs').Address, readonly pages: number }} CannedJob */

process.on('message', (/** @type {Partial<CannedJob>} */ job) => {
  if (job.address === undefined) process.send?.(usage());
  else void serve(job.address, job.pages ?? 0).then((reply) => process.send?.(reply));
});
process.once('disconnect', () => process.exit());

/**
 * @param {import('./processes.mjs').Address} address
 * @param {number} count
 */
async function serve(address, count) {
  const pages = await fetchPages(address, count);
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const wanted = Number(/[?&]page=(\d+)/.exec(request.url ?? '')?.[1] ?? 1);
    const page = pages[(wanted - 1) % pages.length];
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': page?.length ?? 0 });
    response.end(page);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return { ...address, baseUrl: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}` };
}
