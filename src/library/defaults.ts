export const defaultDestination = 'duckdb:./aircall.duckdb';
export const defaultDataset = 'aircall_data';
