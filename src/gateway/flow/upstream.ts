// Aircall as the flow sees it: the client's raw door, and the line of agents before it.
import type { RawClient } from '../../client/index.ts';
import { FairQueue } from './fair-queue.ts';
import type { Upstream } from './parts.ts';

export function createUpstream(client: RawClient): Upstream {
  const queue = new FairQueue(client.budget);
  return {
    send: (endpoint, given, { asker, ...options }) => client.send(endpoint, given, { ...options, budget: queue.for(asker) }),
    budget: () => client.budget.status(),
    waiting: (agentId) => queue.waiting(agentId),
  };
}
