import { MalformedAnswer } from './errors.ts';
import type { AnswerFacts } from './request-options.ts';

/** Where an answer came from. */
export type AnswerOrigin = AnswerFacts & {
  /** Sending the request twice does no more than sending it once. */
  readonly repeatable: boolean;
};

/** Of an answer that is not what its endpoint answers. Repeating the request may mend it, unless that could do harm. */
export function malformed({ endpoint, status, repeatable }: AnswerOrigin, what: string): MalformedAnswer {
  return new MalformedAnswer({
    code: 'malformed_answer',
    message: `${endpoint}: Aircall's answer (status ${status}) is not what this endpoint answers: ${what}.`,
    hint: repeatable
      ? 'If it lasts, something between us and Aircall may be answering instead: a proxy, a firewall.'
      : 'Aircall has probably carried the request out: look before sending it again.',
    retryable: repeatable,
    endpoint,
    status,
    outcome: 'unknown',
  });
}
