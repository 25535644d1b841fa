// destinations/: which places Trunkline can load into. One folder each; this door only tells them apart by URL.
// In: a destination URL. Out: what it means. Never: a connection, or a library of a database.
export { checkDataset, parseDestinationUrl } from './url.ts';
export type { DestinationUrl } from './url.ts';
