// Why an exchange ended without an answer. Whether it may be repeated follows from two facts: did it leave this machine,
// and would sending it twice do more than sending it once.
import { errors } from 'undici';
import { AnswerTooLarge, ConnectionFailed, TimedOut } from './errors.ts';
import type { Outcome } from './errors.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

type Progress = { readonly request: OutgoingRequest; readonly sent: boolean; readonly status: number | null };

export function timeout({ request, sent, status, timeoutMs }: Progress & { readonly timeoutMs: number }): TimedOut {
  const waitedFor = sent ? (status === null ? 'an answer' : 'the rest of the answer') : 'a connection';
  return new TimedOut({
    code: 'timed_out',
    message: `${request.endpoint}: waited ${timeoutMs / 1000} s for ${waitedFor}. ${consequence(request, sent)}`,
    hint: 'See https://status.aircall.com; on a slow line raise timeoutMs.',
    ...common({ request, sent, status }),
  });
}

export function connectionFailure({ request, sent, status, error }: Progress & { readonly error: unknown }): ConnectionFailed | TimedOut {
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new TimedOut({
      code: 'timed_out',
      message: `${request.endpoint}: no connection to ${request.origin} within the time allowed. ${consequence(request, sent)}`,
      hint: 'Check the network, the proxy settings (HTTPS_PROXY, NO_PROXY) and https://status.aircall.com.',
      ...common({ request, sent, status }),
    });
  }
  const known = explain(code);
  return new ConnectionFailed(
    {
      code: 'connection_failed',
      message: `${request.endpoint}: ${known?.message ?? 'the connection broke'} (${request.origin}, ${code}). ${consequence(request, sent)}`,
      hint: known?.hint ?? 'Check the network and https://status.aircall.com.',
      ...common({ request, sent, status }),
      ...(known?.lasting ? { retryable: false } : {}),
    },
    // The HTTP parser's errors carry a piece of the answer; every other error names addresses at most.
    error instanceof errors.HTTPParserError ? undefined : { cause: error },
  );
}

export function answerTooLarge(
  request: OutgoingRequest,
  { status, maximumResponseBytes }: { readonly status: number | null; readonly maximumResponseBytes: number },
): AnswerTooLarge {
  return new AnswerTooLarge({
    code: 'answer_too_large',
    message: `${request.endpoint}: the answer is larger than ${maximumResponseBytes} bytes, so it was not read to its end.`,
    hint: 'Ask for fewer rows on a page, or raise maximumResponseBytes.',
    endpoint: request.endpoint,
    status,
    outcome: 'unknown',
  });
}

function common({ request, sent, status }: Progress): { endpoint: string; status: number | null; outcome: Outcome; retryable: boolean } {
  return { endpoint: request.endpoint, status, outcome: sent ? 'unknown' : 'not_sent', retryable: request.repeatable || !sent };
}

function consequence(request: OutgoingRequest, sent: boolean): string {
  if (!sent) return 'The request was not sent.';
  return request.repeatable ? 'It can be sent again.' : 'Aircall may have carried it out: look before sending it again.';
}

type Explanation = { readonly message: string; readonly hint: string; readonly lasting?: true };

const explanations: readonly { readonly codes: RegExp; readonly explanation: Explanation }[] = [
  {
    codes: /^ECONNREFUSED$/,
    explanation: { message: 'nothing answers at this address', hint: 'Check AIRCALL_BASE_URL and the proxy settings.' },
  },
  {
    codes: /^(ENOTFOUND|EAI_\w+)$/,
    explanation: { message: 'the name of the host cannot be resolved', hint: 'Check the network, DNS and AIRCALL_BASE_URL.' },
  },
  {
    codes: /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL/,
    explanation: {
      message: 'the certificate of the other side is not trusted',
      hint: 'Behind a proxy that opens TLS, point NODE_EXTRA_CA_CERTS to its certificate.',
      lasting: true,
    },
  },
  {
    codes: /^UND_ERR_(CLOSED|DESTROYED)$/,
    explanation: { message: 'the client has been closed', hint: 'Create a new client, or close it later.', lasting: true },
  },
  {
    codes: /^(UND_ERR_INVALID_ARG|ERR_INVALID_\w+)$/,
    explanation: {
      message: 'the request cannot be written as HTTP',
      hint: 'Look for line breaks or odd characters in the credential.',
      lasting: true,
    },
  },
];

function explain(code: string): Explanation | undefined {
  return explanations.find(({ codes }) => codes.test(code))?.explanation;
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'unknown error';
}
