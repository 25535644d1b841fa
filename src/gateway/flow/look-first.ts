// Looks at the row as it is now before a request acts on it or shows it, where the decision demands that.
import { isObject } from '../../base/index.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import { isWithin } from '../filter/rows.ts';
import type { CallArguments, Obligation } from '../policy/decision.ts';
import type { FlowContext } from './context.ts';
import { send } from './send.ts';
import type { Allowed } from './turn.ts';

/** True: the row lies outside the agent's limits, or is not there. Rejects as the look does. */
export async function isOutside(flow: FlowContext, allowed: Allowed): Promise<boolean> {
  for (const obligation of allowed.decision.obligations) {
    if (obligation.kind === 'look_first' && !(await isRowWithin(flow, allowed, obligation))) return true;
  }
  return false;
}

async function isRowWithin(
  flow: FlowContext,
  allowed: Allowed,
  look: Extract<Obligation, { readonly kind: 'look_first' }>,
): Promise<boolean> {
  const lookUp = capabilityOf(look.capability);
  const [parameter, ...more] = Object.keys(lookUp?.endpoint.at ?? {});
  if (lookUp === undefined || lookUp.rows === null || lookUp.effect !== 'read' || parameter === undefined || more.length > 0) return false;
  const given: CallArguments = { at: { [parameter]: look.id }, query: {}, body: null };
  const { body } = await send(flow, allowed, { capability: lookUp, given, isAct: false });
  const { key, binding } = lookUp.rows;
  const row = key === null ? body : isObject(body) && Object.hasOwn(body, key) ? body[key] : undefined;
  return isObject(row) && isWithin(row, look.constraint, binding, flow.clock.now());
}
