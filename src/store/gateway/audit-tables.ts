/** Tables of the gateway's audit. */
export const auditTables = '';
