// connectors/: the same streams in the protocols of other platforms. In: their files or messages, a way to Aircall. Out: their
// messages, line by line, made of clean records and the states of streams. Never: a stream, a page or a cleaning of its own,
// nor anything on stdout that is not the protocol.
export { runAirbyte } from './airbyte/run.ts';
export type { AirbyteCommand, AirbyteOptions, OpenedAircall } from './airbyte/run.ts';
export type { SourceConfig } from './airbyte/config.ts';
export { serveEstuary } from './estuary/serve.ts';
export type { EstuaryOptions } from './estuary/serve.ts';
export type { Connect } from './estuary/connect.ts';
