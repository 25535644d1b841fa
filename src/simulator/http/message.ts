// A request and its answer as plain values, free of sockets: what the core is a function of.

export type ApiRequest = {
  readonly method: string;
  /** Without the query; percent-encoding as it came. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};

export type ApiResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or its UTF-8 bytes. Null for an answer without a body. */
  readonly body: string | Uint8Array | null;
};

const jsonType = 'application/json; charset=utf-8';

export function jsonAnswer(status: number, body: string | Uint8Array, contentType: string = jsonType): ApiResponse {
  return { status, headers: { 'content-type': contentType }, body };
}

/** The body as text; empty when there is none. */
export function bodyText({ body }: ApiResponse): string {
  return typeof body === 'string' ? body : Buffer.from(body ?? []).toString('utf8');
}

export function emptyAnswer(status = 204): ApiResponse {
  return { status, headers: {}, body: null };
}

export function withHeaders(answer: ApiResponse, headers: Readonly<Record<string, string>>): ApiResponse {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
