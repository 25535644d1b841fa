// Aircall as the flow sees it: the client's raw door.
import type { RawClient } from '../../client/index.ts';
import type { Upstream } from './parts.ts';

export function createUpstream(client: RawClient): Upstream {
  return {
    send: (endpoint, given, options) => client.send(endpoint, given, options),
    budget: () => client.budget.status(),
  };
}
