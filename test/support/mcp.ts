// Clients of the official package against a gateway under test, in both eras of the protocol.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ClientOptions } from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';
import type { LabAgent } from './gateway-lab.ts';

/** `modern`: 2026-07-28, every request by itself. `legacy`: 2025-11-25, with a handshake. */
export const eras = ['modern', 'legacy'] as const;
export type Era = (typeof eras)[number];

export const versions: Readonly<Record<Era, string>> = { modern: '2026-07-28', legacy: '2025-11-25' };

export async function connect(
  at: { readonly url: string },
  agent: Pick<LabAgent, 'key'>,
  era: Era,
  options: ClientOptions = {},
  prepare: (client: Client) => void = () => {},
): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    { ...(era === 'modern' ? { versionNegotiation: { mode: 'auto' } } : {}), ...options },
  );
  prepare(client);
  const transport = new StreamableHTTPClientTransport(new URL(`${at.url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${agent.key}` } },
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}
