// Questions to the person in front of a client that can ask: a form to confirm, a page to approve. The client sends the call
// again with the answer and with a state of ours, signed and bound to the agent. What the state holds is a confirm token or the
// id of an approval: both are worth something once, for the very same arguments, and are checked like any other.
import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { CLIENT_CAPABILITIES_META_KEY, createRequestStateCodec, inputRequired, inputResponse } from '@modelcontextprotocol/server';
import type { InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { isObject } from '../../base/index.ts';
import type { ReplyRefusal } from '../flow/call.ts';
import type { CallArguments } from '../policy/decision.ts';
import { askToConfirm } from './confirm-text.ts';

type State = { readonly confirm: string } | { readonly approval: string };

export type Answered =
  /** The call came without a state of ours. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'confirmed'; readonly token: string }
  | { readonly kind: 'declined'; readonly token: string }
  | { readonly kind: 'approval'; readonly id: string }
  /** Forged, expired, or another agent's. */
  | { readonly kind: 'forged' };

export type AskPerson = {
  readonly read: (context: ServerContext) => Promise<Answered>;
  /** Null: the client cannot ask, or this needs no person. */
  readonly ask: (
    refusal: ReplyRefusal,
    asked: { readonly context: ServerContext; /** As the agent gave them. */ readonly given: CallArguments },
  ) => Promise<InputRequiredResult | null>;
};

/** A confirm token lives for five minutes, an approval for longer; then the call is simply sent anew. */
const stateSeconds = 15 * 60;

export function createAskPerson(parts: {
  readonly key: KeyObject;
  /** Where a person approves; null: there is no such page. Nothing personal may stand in the address. */
  readonly approvalUrl: ((approvalId: string) => string) | null;
}): AskPerson {
  const codec = createRequestStateCodec<State>({
    key: createHmac('sha256', parts.key).update('state of a request').digest(),
    ttlSeconds: stateSeconds,
    bind: ({ mcpReq, http }) => `${mcpReq.method}\0${http?.authInfo?.clientId ?? ''}`,
  });

  return {
    async read(context) {
      const sent = context.mcpReq.requestState();
      if (typeof sent !== 'string') return { kind: 'nothing' };
      let state: State;
      try {
        state = await codec.verify(sent, context);
      } catch {
        return { kind: 'forged' };
      }
      if ('approval' in state) return { kind: 'approval', id: state.approval };
      const answer = inputResponse(context.mcpReq.inputResponses, 'confirm');
      if (answer.kind !== 'elicit') return { kind: 'nothing' };
      const isYes = answer.action === 'accept' && answer.content?.['confirm'] === true;
      return { kind: isYes ? 'confirmed' : 'declined', token: state.confirm };
    },

    async ask({ code, confirm, approval }, { context, given }) {
      const can = elicitationOf(context);
      if (code === 'confirm_required' && confirm !== null && can.form) {
        return inputRequired({
          inputRequests: {
            confirm: inputRequired.elicit({
              message: askToConfirm(confirm, given),
              requestedSchema: {
                type: 'object',
                properties: { confirm: { type: 'boolean', title: 'Do it', description: 'Yes: it is carried out now.' } },
                required: ['confirm'],
              },
            }),
          },
          requestState: await codec.mint({ confirm: confirm.token }, context),
        });
      }
      if (code === 'approval_required' && approval !== null && can.url && parts.approvalUrl !== null) {
        return inputRequired({
          inputRequests: {
            approval: inputRequired.elicitUrl({
              message: `A person must approve this first, as request ${approval.id}.`,
              url: parts.approvalUrl(approval.id),
            }),
          },
          requestState: await codec.mint({ approval: approval.id }, context),
        });
      }
      return null;
    },
  };
}

/** Only what the client has declared with this very request; an empty declaration means forms. */
function elicitationOf({ mcpReq }: ServerContext): { readonly form: boolean; readonly url: boolean } {
  const envelope: Readonly<Record<string, unknown>> = { ...mcpReq.envelope };
  const capabilities = envelope[CLIENT_CAPABILITIES_META_KEY];
  const declared = isObject(capabilities) ? capabilities['elicitation'] : undefined;
  if (!isObject(declared)) return { form: false, url: false };
  return { form: declared['form'] !== undefined || declared['url'] === undefined, url: declared['url'] !== undefined };
}
