/** Tables of the gateway's friction. */
export const frictionTables = '';
