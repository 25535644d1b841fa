// The four families of error bodies. A and C come from the application, B from its newer parts, D from the edge.
import { seedOf } from '../random.ts';
import { jsonAnswer } from './message.ts';
import type { ApiResponse } from './message.ts';

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export function reasonOf(status: number): string {
  return reasons[status] ?? 'Error';
}

/** Family A: `error` and `troubleshoot`. */
export function refused(status: number, troubleshoot: string): ApiResponse {
  return jsonAnswer(status, JSON.stringify({ error: reasonOf(status), troubleshoot }));
}

/** Family B: six keys, the code twice and the sentence in `errors`. */
export function refusedByQuery(errors: string): ApiResponse {
  return jsonAnswer(
    400,
    JSON.stringify({ error: 'Bad Request', data: null, message: 'BAD_REQUEST', errors, troubleshoot: 'BAD_REQUEST', success: false }),
  );
}

/** Family C: how things stand at Aircall. */
export function refusedByState(status: number, troubleshoot: string): ApiResponse {
  return jsonAnswer(status, JSON.stringify({ error: reasonOf(status), troubleshoot, success: false }));
}

/** Family C: what is wrong with the content, by field. */
export function refusedByContent(errors: Readonly<Record<string, readonly string[]>>, status = 422): ApiResponse {
  return jsonAnswer(status, JSON.stringify({ error: reasonOf(status), success: false, errors }));
}

/** Family D: the request never reached the application. `seed` draws the ids of the edge. */
export function refusedAtEdge(status: number, seed: number): ApiResponse {
  const id = (part: number): string => seedOf(seed, part).toString(36).toUpperCase();
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'apigw-requestid': `${id(1)}${id(2)}=`,
      'x-cache': 'Error from cloudfront',
      via: `1.1 ${seedOf(seed, 3).toString(16)}${seedOf(seed, 4).toString(16)}.cloudfront.net (CloudFront)`,
      'x-amz-cf-pop': 'CDG50-P1',
      'x-amz-cf-id': `${id(5)}${id(6)}${id(7)}==`,
    },
    body: JSON.stringify({ message: reasonOf(status) }),
  };
}

export function notFound(): ApiResponse {
  return refusedByState(404, 'Resource not found');
}
