// One HTTP request on its way through the protocol: who sent it, and whether the flow has recorded it. The protocol's library
// hands it from the front to the handlers behind it.
import type { Tool } from '@modelcontextprotocol/server';
import type { Gateway, GatewayCall, GatewayReply } from '../flow/call.ts';
import type { Policy } from '../policy/types.ts';

/** What every call of the exchange has in common. */
export type CallFacts = Omit<
  GatewayCall,
  'endpoint' | 'own' | 'malformed' | 'arguments' | 'dryRun' | 'confirmToken' | 'declined' | 'approvalId' | 'idempotencyKey' | 'tool'
>;

export type Asked = Partial<Omit<GatewayCall, keyof CallFacts>> & Partial<Pick<GatewayCall, 'signal'>>;

export class Exchange {
  readonly agentId: string;
  /** As it was when the agent was let in. */
  readonly policy: Policy;
  /** Of the message. */
  readonly method: string;
  readonly #gateway: Gateway;
  readonly #facts: CallFacts;
  #isRecorded = false;
  /** The list of tools that the answer is to hold, where it was asked for. */
  tools: readonly Tool[] | null = null;

  constructor(gateway: Gateway, facts: CallFacts, asking: { readonly agentId: string; readonly policy: Policy; readonly method: string }) {
    this.#gateway = gateway;
    this.#facts = facts;
    this.agentId = asking.agentId;
    this.policy = asking.policy;
    this.method = asking.method;
  }

  get isRecorded(): boolean {
    return this.#isRecorded;
  }

  /** Ends when the client is gone. */
  get signal(): AbortSignal {
    return this.#facts.signal;
  }

  handle(asked: Asked): Promise<GatewayReply> {
    this.#isRecorded = true;
    return this.#gateway.handle(callOf(this.#facts, asked));
  }
}

export function callOf(facts: CallFacts, asked: Asked): GatewayCall {
  return { ...nothingAsked, ...facts, ...asked };
}

const nothingAsked = {
  endpoint: null,
  own: null,
  malformed: null,
  arguments: { at: {}, query: {}, body: null },
  dryRun: false,
  confirmToken: null,
  approvalId: null,
  idempotencyKey: null,
  tool: null,
} as const;
