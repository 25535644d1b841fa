// gateway/: the door for agents. In: requests of agents, from REST or MCP. Out: Aircall's answers, filtered as the agent's
// grants say, or a refusal with its reason; one verifiable line in the log for each. Never: a request to Aircall without a
// decision and a durable record before it, an agent's header or path passed on, a secret in an answer or a log.
export type { Gateway } from './flow/call.ts';
