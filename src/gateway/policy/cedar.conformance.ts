// Asks Cedar itself what it makes of an exported policy.
import { setFlagsFromString } from 'node:v8';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { capabilities } from '../capabilities/capabilities.ts';
import { cedarRequest, toCedar } from './cedar.ts';
import type { CedarExport } from './cedar.ts';
import { decide } from './decide.ts';
import { anyCase } from './random-policies.conformance.ts';

// Inlined calls into WebAssembly have ended the process in Node 20 (“unreachable code”, in V8's deoptimizer) after minutes of them.
setFlagsFromString('--no-turbo-inline-js-wasm-calls');

type CedarAnswer = { readonly allowed: boolean; readonly policies: readonly string[] };

/** Problems that Cedar finds in a policy when it checks it against its schema; none is good. */
export function cedarProblems({ policies, schema }: CedarExport): readonly string[] {
  const answer = cedar.validate({ schema: schema as cedar.Schema, policies: { staticPolicies: { ...policies } } }); // its own JSON form
  if (answer.type === 'failure') return answer.errors.map(({ message }) => message);
  return answer.validationErrors.map(({ policyId, error }) => `${policyId}: ${error.message}`);
}

/** What Cedar decides. Throws when it cannot: that is never an answer. */
function askCedar({ policies }: CedarExport, schemaName: string, request: ReturnType<typeof cedarRequest>): CedarAnswer {
  const parsed = cedar.preparsePolicySet('policy', { staticPolicies: { ...policies } });
  if (parsed.type === 'failure') throw new Error(parsed.errors.map(({ message }) => message).join('\n'));
  const answer = cedar.statefulIsAuthorized({
    ...request,
    preparsedPolicySetId: 'policy',
    preparsedSchemaName: schemaName,
    validateRequest: true,
    entities: [],
  });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('\n'));
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0)
    throw new Error(diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`).join('\n'));
  return { allowed: decision === 'allow', policies: diagnostics.reason };
}

/** Random policies and requests: Cedar lets through exactly what `decide` lets through. Says how often each was the case. */
export function compareWithCedar(numRuns: number, seed?: number): { readonly compared: number; readonly allowed: number } {
  const { schema } = toCedar({ company: '', agents: {}, guardrails: [], webhookHosts: [] }, capabilities);
  const schemaName = 'gateway';
  const parsed = cedar.preparseSchema(schemaName, schema as cedar.Schema); // its own JSON form
  if (parsed.type === 'failure') throw new Error(parsed.errors.map(({ message }) => message).join('\n'));
  let compared = 0;
  let allowed = 0;
  fc.assert(
    fc.property(anyCase, ({ policy, capability, request: drawn }) => {
      const request = { ...drawn, dryRun: false };
      const decision = decide(policy, capability, request);
      // What has no words in Cedar, it cannot be asked about.
      if (decision.code === 'outside_hours' || decision.rule.kind === 'address') return;
      const answer = askCedar(toCedar(policy, capabilities), schemaName, cedarRequest(capability, request));
      compared += 1;
      if (answer.allowed) allowed += 1;
      expect({ allowed: answer.allowed, by: answer.policies, decision }).toMatchObject({ allowed: decision.effect === 'allow' });
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }) },
  );
  return { compared, allowed };
}
