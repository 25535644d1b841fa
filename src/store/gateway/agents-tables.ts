/** Tables of the gateway's agents. */
export const agentsTables = '';
