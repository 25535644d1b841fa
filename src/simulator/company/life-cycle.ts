// How a call goes: it rings, is answered or not, ends, and is rewritten in the minutes after without any timestamp
// that tells so.
//
//   initial ──► answered ──► done ──► (+30 s) links ──► (+minutes) cost, pricing_type, duration, started_at ± 1 s
//      └───────────────────────┘
import type { Random } from '../random.ts';
import type { CallState } from './state.ts';

/** Seconds after the hang-up at which recording and voicemail can be fetched. */
export const assetsAfterSeconds = 30;

export type CallPlan = {
  /** Seconds of ringing. */
  readonly ringSeconds: number;
  /** Seconds of talk, or null when nobody answers. */
  readonly talkSeconds: number | null;
  /** Seconds from the hang-up to the late rewrite. */
  readonly settleAfterSeconds: number;
  /** By how much `started_at` moves then. */
  readonly startShift: -1 | 0 | 1;
  readonly leavesVoicemail: boolean;
};

export function drawPlan(random: Random): CallPlan {
  const isAnswered = random.chance(0.8);
  return {
    ringSeconds: random.between(3, 25),
    talkSeconds: isAnswered ? random.between(5, 400) : null,
    settleAfterSeconds: random.between(60, 900),
    startShift: random.chance(0.3) ? (random.chance(0.5) ? 1 : -1) : 0,
    leavesVoicemail: !isAnswered && random.chance(0.4),
  };
}

export function answered(call: CallState, at: number): CallState {
  return call.status === 'initial' ? { ...call, status: 'answered', answeredAt: at } : call;
}

/** The instant of the hang-up: nothing is final yet. */
export function hungUp(call: CallState, at: number): CallState {
  if (call.status === 'done') return call;
  const isMissed = call.answeredAt === null && call.direction === 'inbound';
  return {
    ...call,
    status: 'done',
    endedAt: at,
    duration: at - call.startedAt,
    missedCallReason: isMissed ? (at - call.startedAt < 10 ? 'short_abandoned' : 'agents_did_not_answer') : null,
    userId: isMissed ? null : call.userId,
  };
}

/** Recording or voicemail became available. */
export function withAssets(call: CallState, { isRecorded, leavesVoicemail }: { isRecorded: boolean; leavesVoicemail: boolean }): CallState {
  return { ...call, hasRecording: call.answeredAt !== null && isRecorded, hasVoicemail: call.answeredAt === null && leavesVoicemail };
}

/** The late rewrite: what a reader of the fresh call could not know, and gets no hint of. */
export function settled(call: CallState, startShift: number): CallState {
  if (call.endedAt === null) return call;
  // The shift never makes a call end before it began.
  const startedAt = Math.min(call.startedAt + startShift, call.answeredAt ?? call.endedAt);
  const minutes = Math.ceil((call.endedAt - (call.answeredAt ?? call.endedAt)) / 60);
  return {
    ...call,
    startedAt,
    duration: call.endedAt - startedAt,
    cost: call.direction === 'outbound' ? `${minutes}.0` : '0.0',
    pricingType: call.direction === 'outbound' ? 'out_of_bundle' : 'in_bundle',
  };
}
