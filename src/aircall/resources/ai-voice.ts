// AI voice agents: calls that an AI makes.
import { endpoint } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';
import { limits } from '../limits.ts';

const outboundAiCall = entity({
  name: 'outbound_ai_call',
  meaning: 'A call that an AI voice agent is to make.',
  key: 'id',
  fields: {
    id: field.text('Identifies the request, as a ULID. Not the id of the call.', { form: 'token' }),
    idempotency_key: field.text('The key it was requested with.', { form: 'token' }),
    status: field.text('How far it is.', { values: ['PENDING', 'INITIATED', 'IN_PROGRESS', 'COMPLETED', 'FAILED'] }),
    virtual_agent_id: field.text('The AI voice agent.', { orInteger: true, form: 'token' }),
  },
});
export type OutboundAiCall = EntityOf<typeof outboundAiCall>;

const { shortestExpirySeconds, longestExpirySeconds, defaultExpirySeconds, concurrentPerCompany } = limits.aiVoice;

export const aiVoice = {
  startCall: endpoint({
    id: 'aiVoice.startCall',
    title: 'Have an AI voice agent call someone',
    area: 'ai_voice',
    method: 'POST',
    path: '/v1/outbound-calls/agents/:agent_id',
    effect: 'live',
    agents: {
      kind: 'action',
      deed: { present: 'have AI voice agent {agent_id} call someone', past: 'had AI voice agent {agent_id} call someone' },
    },
    destructive: true,
    at: { agent_id: { type: 'text', required: true, format: 'token', meaning: 'The AI voice agent.' } },
    body: {
      contact_phone: { type: 'text', required: true, format: 'e164', class: 'phone', meaning: 'Whom to call.' },
      idempotency_key: {
        type: 'text',
        required: true,
        format: 'token',
        meaning: 'A key of your own; the same key is never carried out twice.',
      },
      context: { type: 'object', class: 'freetext', meaning: 'Values for the {{variables}} of the agent.' },
      expiration_seconds: {
        type: 'integer',
        minimum: shortestExpirySeconds,
        maximum: longestExpirySeconds,
        default: defaultExpirySeconds,
        meaning: 'How long the call may wait before it starts.',
      },
    },
    answer: { envelope: 'bare', of: outboundAiCall },
    status: 202,
    refusals: [{ status: 409, when: 'The idempotency key was used before.', business: true }],
    event: 'ai_voice_agent.started',
    idempotencyKey: 'idempotency_key',
    quirks: [`At most ${concurrentPerCompany} at a time in the company, one a number.`],
  }),
} as const;
