/** A request as it goes over the wire. */
export type OutgoingRequest = {
  /** The endpoint's id, for messages. */
  readonly endpoint: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Sending it twice does no more than sending it once. */
  readonly repeatable: boolean;
};
