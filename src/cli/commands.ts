// The commands, in the order of the help. A command's file is loaded when it is run: starting stays quick.
import type { Command } from './command.ts';

export type CommandEntry = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
};

export const commands: readonly CommandEntry[] = [
  entry('demo', 'Shows everything without an account, in under half a minute.', () => import('./commands/demo.ts')),
  entry('init', 'Asks for credentials and destination, tries them, and writes them down.', () => import('./commands/init.ts')),
  entry('connect', 'Gets an OAuth token for a technology partner and keeps it encrypted.', () => import('./commands/connect.ts')),
  entry('check', 'Checks credential, budget, destination and fields, and says how to mend them.', () => import('./commands/check.ts')),
  entry('sync', 'Reads what changed at Aircall and loads it.', () => import('./commands/sync.ts')),
  entry('status', 'Says per stream what is loaded, how fresh it is, and what waits.', () => import('./commands/status.ts')),
  entry('query', 'Runs read-only SQL on what was loaded.', () => import('./commands/query.ts')),
  entry('streams', 'Lists what can be read, how it is kept fresh, and what it costs.', () => import('./commands/streams.ts')),
  entry('schema', 'Writes the tables as SQL, JSON Schema, DBML or Mermaid.', () => import('./commands/schema.ts')),
  entry('drop', 'Forgets a stream: its rows and where it stands.', () => import('./commands/drop.ts')),
  entry('capabilities', 'Lists what agents can be granted, what each of it needs and costs.', () => import('./commands/capabilities.ts')),
  entry('serve', 'Serves agents: Aircall’s own paths, each request decided and recorded.', () => import('./commands/serve.ts')),
  entry('mcp', 'Connects an MCP client on this machine to the gateway, over stdin and stdout.', () => import('./commands/mcp.ts')),
  entry('agents', 'Says which agents reach Aircall through the gateway, and what each may do.', () => import('./commands/agents.ts')),
  entry('airbyte', 'Reads as an Airbyte source: spec, check, discover, read.', () => import('./commands/airbyte.ts')),
  entry('estuary', 'Captures as an Estuary Flow connector, over stdin and stdout.', () => import('./commands/estuary.ts')),
  entry('simulator', 'Serves a simulated Aircall on this machine.', () => import('./commands/simulator.ts')),
  entry('approvals', 'Shows what agents wait for a person to approve, and takes the yes or no.', () => import('./commands/approvals.ts')),
  entry('people', 'Says who may approve in the browser, and gives them passwords.', () => import('./commands/people.ts')),
  entry('audit', 'Shows, searches, exports and verifies the log of what agents did.', () => import('./commands/audit.ts')),
  entry('explain', 'Shows every setting, its value and where it came from.', () => import('./commands/explain.ts')),
];

/** What a command is handed was made from its own description, so that any command may stand in the list. */
function entry(name: string, summary: string, load: () => Promise<{ readonly command: unknown }>): CommandEntry {
  return { name, summary, load: load as CommandEntry['load'] };
}
