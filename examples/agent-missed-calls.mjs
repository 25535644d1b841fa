// An agent that answers one question, “which calls did we miss yesterday?”, through the gateway and the official MCP client. It
// knows the gateway's address (TRUNKLINE_URL) and its own key (TRUNKLINE_AGENT_KEY), and nothing of Aircall's credential.
//
//   TRUNKLINE_AGENT_KEY=acg_… node examples/agent-missed-calls.mjs
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const { TRUNKLINE_URL = 'http://127.0.0.1:4242', TRUNKLINE_AGENT_KEY = '' } = process.env;
if (TRUNKLINE_AGENT_KEY === '') stop('Put the key that trunkline agents add has shown into TRUNKLINE_AGENT_KEY.');
const client = new Client({ name: 'missed-calls', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
try {
  const requestInit = { headers: { Authorization: `Bearer ${TRUNKLINE_AGENT_KEY}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', TRUNKLINE_URL), { requestInit }));
} catch {
  stop(`Nobody lets this agent in at ${TRUNKLINE_URL}. Start trunkline serve, or look at TRUNKLINE_URL and TRUNKLINE_AGENT_KEY.`);
}

// Days are counted in UTC. Aircall leaves out the very moment of `from` and includes that of `to`.
const today = new Date().setUTCHours(0, 0, 0, 0) / 1000;
const between = { from: today - 24 * 60 * 60 - 1, to: today - 1 };
let missed = 0;
for (let page = 1, more = true; more; page += 1) {
  const answer = await client.callTool({
    name: 'aircall_calls_search',
    arguments: { direction: 'inbound', ...between, per_page: 50, page },
  });
  if (answer.isError === true) stop(JSON.stringify(answer.structuredContent ?? answer.content));
  const { data } =
    /** @type {{ data: { calls: { id: number, started_at: number, answered_at: number | null, raw_digits: string, missed_call_reason: string | null }[], meta: { next_page_link: string | null } } }} */ (
      answer.structuredContent
    );
  for (const call of data.calls) {
    if (call.answered_at !== null) continue;
    missed += 1;
    console.log(
      `${new Date(call.started_at * 1000).toISOString()}  call ${call.id}  from ${call.raw_digits}  ${call.missed_call_reason ?? ''}`,
    );
  }
  more = data.meta.next_page_link !== null;
}
console.log(`${missed} missed calls on ${new Date((today - 1) * 1000).toISOString().slice(0, 10)}.`);
await client.close();

/**
 * @param {string} text
 * @returns {never}
 */
function stop(text) {
  console.error(text);
  process.exit(2);
}
