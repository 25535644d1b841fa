// The filter with its keys, its company and its links bound to it: what the flow is handed.
import type { KeyObject } from 'node:crypto';
import type { Filter } from '../flow/parts.ts';
import { filterAnswer } from './filter-answer.ts';
import type { MediaLinks } from './media-links.ts';
import { argumentsDigest, redactArguments } from './redact.ts';
import { revealTokens } from './reveal.ts';

export function createFilter(options: {
  readonly company: string;
  readonly keys: { readonly token: KeyObject };
  /** Null: links to files are never given. */
  readonly media: MediaLinks | null;
}): Filter {
  const { company, keys, media } = options;
  return {
    reveal: (capability, agentId, given) => revealTokens(capability, given, { key: keys.token, company, agentId }),
    redact: (capability, given) => redactArguments(capability, given, keys.token),
    digest: (given) => argumentsDigest(given, keys.token),
    answer: ({ capability, agentId, obligations, answer, nowMs }) =>
      filterAnswer({
        capability,
        obligations,
        body: answer.body,
        company,
        agentId,
        keys,
        nowMs,
        linkTo: (url, facts) => media?.mint(url, facts, { agentId, nowMs }) ?? null,
      }),
  };
}
