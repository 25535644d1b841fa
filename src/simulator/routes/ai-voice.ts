// Calls that AI voice agents make. The only writes with an idempotency key.
import { limits } from '../../aircall/index.ts';
import { startCall } from '../company/change-calls.ts';
import type { OutboundAiCall } from '../company/side-records.ts';
import type { Handler } from '../http/exchange.ts';
import { jsonAnswer } from '../http/message.ts';
import { refused, refusedByState } from '../http/refusals.ts';
import type { Random } from '../random.ts';

/** How long an AI call occupies its place. */
const lastsSeconds = 60;

export const startAiCall: Handler = ({ company, at, body }) => {
  const { aiCalls } = company.side;
  const idempotencyKey = String(body['idempotency_key']);
  const phone = String(body['contact_phone']);
  if (aiCalls.has(idempotencyKey)) return refusedByState(409, 'The idempotency key has already been used');
  const now = company.now();
  const running = [...aiCalls.values()].filter(({ createdAt }) => now < createdAt + lastsSeconds);
  if (running.length >= limits.aiVoice.concurrentPerCompany) return refused(400, 'Too many AI calls at the same time');
  if (running.filter((call) => call.phone === phone).length >= limits.aiVoice.concurrentPerNumber) {
    return refused(400, 'This phone number is being called already');
  }
  const random = company.random(61, company.side.nextId());
  const call: OutboundAiCall = {
    id: ulid(company.nowMs(), random),
    idempotencyKey,
    agentId: at['agent_id'] ?? '',
    phone,
    createdAt: now,
    expiresAt: now + Number(body['expiration_seconds'] ?? limits.aiVoice.defaultExpirySeconds),
  };
  aiCalls.set(idempotencyKey, call);
  const started = startCall(company, { direction: 'outbound', userId: null, externalNumber: phone });
  company.events.announce(
    'ai_voice_agent.started',
    JSON.stringify({
      id: started.id,
      call_uuid: started.sid,
      ai_voice_agent_id: call.agentId,
      ai_voice_agent_name: 'Reception',
      ai_voice_agent_session_id: call.id,
      number_id: started.numberId,
      external_caller_number: phone,
      aircall_number: started.numberId === null ? null : company.numbers.get(started.numberId)?.e164,
      started_at: started.startedAt,
      created_at: now,
    }),
  );
  return jsonAnswer(
    202,
    JSON.stringify({ id: call.id, idempotency_key: idempotencyKey, status: 'PENDING', virtual_agent_id: call.agentId }),
  );
};

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Ten digits of time, sixteen of chance. */
function ulid(nowMs: number, random: Random): string {
  let time = '';
  for (let left = nowMs, place = 0; place < 10; place += 1, left = Math.floor(left / 32)) time = (digits[left % 32] ?? '0') + time;
  return time + Array.from({ length: 16 }, () => digits[random.below(32)]).join('');
}
