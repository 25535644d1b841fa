// From a call of a tool to what the flow takes: Aircall's arguments apart from the gateway's own.
import type { GatewayCall } from '../flow/call.ts';
import { placeArguments } from '../capabilities/schema.ts';
import { readOwnCall } from './own-tools.ts';
import { capabilityOfTool } from './tool-name.ts';

export type ReadCall = Pick<
  GatewayCall,
  'endpoint' | 'own' | 'malformed' | 'arguments' | 'dryRun' | 'confirmToken' | 'approvalId' | 'idempotencyKey' | 'tool'
>;

const nothing: ReadCall = {
  endpoint: null,
  own: null,
  malformed: null,
  arguments: { at: {}, query: {}, body: null },
  dryRun: false,
  confirmToken: null,
  approvalId: null,
  idempotencyKey: null,
  tool: null,
};

/** Never throws. A tool that does not exist has no endpoint, and is refused and recorded as such. */
export function readCall(name: string, given: Readonly<Record<string, unknown>>): ReadCall {
  const own = readOwnCall(name, given);
  if (own !== null) return 'problem' in own ? { ...nothing, tool: name, malformed: own.problem } : { ...nothing, tool: name, own };
  const capability = capabilityOfTool(name);
  if (capability === undefined) return nothing;
  const { dry_run: dryRun, confirm_token: confirmToken, approval_id: approvalId, idempotency_key: idempotencyKey, ...rest } = given;
  const { endpoint } = capability;
  // Whoever asks for a dry run must never get a real one for having written it otherwise.
  const malformed =
    dryRun !== undefined && typeof dryRun !== 'boolean'
      ? 'dry_run must be true or false.'
      : Object.entries({ confirm_token: confirmToken, approval_id: approvalId, idempotency_key: idempotencyKey }).flatMap(([key, value]) =>
          value === undefined || isToken(value) ? [] : [`${key} must be 1 to 1024 plain characters.`],
        )[0];
  // One endpoint takes an idempotency key itself; it is the gateway's and Aircall's then.
  const passed = idempotencyKey !== undefined && Object.hasOwn(endpoint.body ?? {}, 'idempotency_key');
  return {
    endpoint,
    own: null,
    malformed: malformed ?? null,
    arguments: placeArguments(capability, passed ? { ...rest, idempotency_key: idempotencyKey } : rest),
    dryRun: dryRun === true,
    confirmToken: textOf(confirmToken),
    approvalId: textOf(approvalId),
    idempotencyKey: textOf(idempotencyKey),
    tool: name,
  };
}

function isToken(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e]{1,1024}$/.test(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
