// What came back, on its way to the agent: filtered, with our own account of its pages, and concluded.
import type { ExactJson } from '../../base/index.ts';
import type { ReplyAnswer } from './call.ts';
import { conclude, hide } from './conclude.ts';
import type { FlowContext } from './context.ts';
import { refusalOf } from './failure.ts';
import { withPages } from './pages.ts';
import type { Filtered } from './parts.ts';
import type { Fetched } from './send.ts';
import * as tell from './sentence.ts';
import { toldOf } from './turn.ts';
import type { Allowed, Reply } from './turn.ts';

/** Filters what came back, records how it ended, and only then gives it. */
export async function release(flow: FlowContext, allowed: Allowed, got: Fetched & { readonly replayed: boolean }): Promise<Reply> {
  const { capability, decision, bound, examined } = allowed;
  const { answer, from, ageMs, replayed } = got;
  const isWrite = capability.effect !== 'read';
  let filtered: Filtered;
  let body: ExactJson | undefined;
  try {
    ({ filtered, body } = filterAnswer(flow, allowed, got));
  } catch (error) {
    flow.log.error('an answer could not be filtered', {
      call: allowed.id,
      capability: capability.id,
      error: error instanceof Error ? error.name : '',
    });
    const message = isWrite ? 'It was carried out, but its answer cannot be shown.' : 'The answer cannot be shown.';
    return conclude(flow, allowed, {
      outcome: { status: 'withheld', upstreamStatus: answer.status, source: from, ageMs },
      sentence: tell.toldFailure(toldOf(allowed), message),
      ...(replayed ? {} : { also: examined.settle(answer) }),
      happened: isWrite,
      result: refusalOf({ code: 'internal', message, fix: 'Give the decision id to an operator.' }),
    });
  }
  if (filtered.hidden && (!isWrite || replayed)) return hide(flow, allowed);
  if (filtered.unknownFields.length > 0) flow.note({ kind: 'unknown_fields', capability: capability.id, names: filtered.unknownFields });

  const { rowsReturned, rowsHidden, fieldsMasked, textGiven, untrustedText } = filtered;
  const settle = replayed ? () => {} : examined.settle(answer);
  const count = flow.friction.count(bound, { rows: rowsReturned ?? 0, wrote: isWrite && !replayed, textGiven });
  const result: ReplyAnswer = {
    kind: 'answer',
    status: answer.status,
    body,
    untrustedText,
    filtered: filtered.filtered,
    source: { from, ageMs: Math.round(ageMs) },
    replayed,
  };
  return conclude(flow, allowed, {
    outcome: {
      status: replayed ? 'replayed' : 'ok',
      upstreamStatus: answer.status,
      rowsReturned,
      rowsHidden,
      fieldsMasked,
      textGiven,
      source: from,
      ageMs: Math.round(ageMs),
    },
    sentence: tell.toldSuccess(toldOf(allowed), decision.rule.text, {
      rowsReturned,
      rowsHidden,
      fieldsMasked,
      textApart: untrustedText !== null,
      source: from,
      replayed,
      approver: examined.approver,
      confirmed: examined.confirmed,
    }),
    also: () => {
      settle();
      count();
    },
    happened: isWrite && !replayed,
    result,
  });
}

/** Throws when the answer has not the shape that is described. */
function filterAnswer(
  { filter, clock, settings }: FlowContext,
  { capability, decision, agentId, asked }: Allowed,
  { answer }: Fetched,
): { readonly filtered: Filtered; readonly body: ExactJson | undefined } {
  const filtered = filter.answer({ capability, agentId, obligations: decision.obligations, answer, nowMs: clock.now() });
  if (filtered.unreadable) throw new TypeError('The answer has not the shape that is described.');
  const body = withPages({
    capability,
    asked,
    raw: answer.body,
    filtered: filtered.body,
    rowsReturned: filtered.rowsReturned,
    mayHideRows: decision.obligations.some(({ kind }) => kind === 'rows'),
    publicUrl: settings.publicUrl,
  });
  return { filtered, body };
}
