import { Pool } from 'undici';

/**
 * The pages of a simulator's list of calls, as bytes: what a first sync asks for.
 * @param {import('./processes.mjs').Address} address
 * @param {number} count
 * @returns {Promise<readonly Buffer[]>}
 */
export async function fetchPages({ baseUrl, apiId, apiToken }, count) {
  const pool = new Pool(baseUrl, { connections: 4 });
  const headers = { authorization: `Basic ${Buffer.from(`${apiId}:${apiToken}`).toString('base64')}` };
  /** @type {Buffer[]} */
  const pages = [];
  let from = 0;
  while (pages.length < count) {
    const window = from === 0 ? '' : `&from=${from}`;
    for (let page = 1; page <= 200 && pages.length < count; page += 1) {
      const path = `/v1/calls?order=asc&per_page=50&page=${page}${window}${callExtras}`;
      const { body } = await pool.request({ method: 'GET', path, headers });
      pages.push(Buffer.from(await body.arrayBuffer()));
    }
    const last = /** @type {{ calls: { started_at: number }[] }} */ (JSON.parse(String(pages.at(-1)))).calls.at(-1);
    if (last === undefined) break;
    from = last.started_at;
  }
  await pool.close();
  return pages;
}

export const callExtras = '&fetch_contact=true&fetch_call_timeline=true&fetch_aiva_conv=true';
