// A number in its three forms: the resource, the copy inside a call, and a row of a user's numbers.
import { limits, numberMessages } from '../../aircall/index.ts';
import type { SwitchSettings } from '../../aircall/index.ts';
import type { NumberState, UserState } from '../company/state.ts';
import { isoSeconds } from '../time.ts';
import { overlaid } from './overlay.ts';
import { userJson } from './user-json.ts';

const { origin } = limits;

/** `list` has no users; `retrieve` ends with them. */
export function numberJson(number: NumberState, switches: SwitchSettings, users?: readonly UserState[]): string {
  const text = JSON.stringify(resource(number));
  const withUsers =
    users === undefined ? text : `${text.slice(0, -1)},"users":[${users.map((user) => userJson(user, 'number', switches)).join(',')}]}`;
  return overlaid(withUsers, number.overrides);
}

/** A row of `/v2/users/:id/numbers`. */
export function userNumberJson(number: NumberState): string {
  return JSON.stringify({ ...resource(number), flow_editor_enabled: number.flowEditorEnabled });
}

/** The copy inside a call, where `priority` is always null and every message has an address. */
export function callNumberJson(number: NumberState): string {
  let text = kept.get(number);
  if (text === undefined) {
    text = JSON.stringify({
      id: number.id,
      direct_link: `${origin}/v1/numbers/${number.id}`,
      name: number.name,
      digits: number.digits,
      country: number.country,
      time_zone: number.timeZone,
      open: number.open,
      availability_status: number.availabilityStatus,
      is_ivr: number.isIvr,
      live_recording_activated: number.recordsCalls,
      priority: null,
      messages: Object.fromEntries(numberMessages.map((name) => [name, number.messages[name] ?? defaultMessage(name)])),
      created_at: isoSeconds(number.createdAt),
      flow_editor_enabled: number.flowEditorEnabled,
    });
    kept.set(number, text);
  }
  return text;
}

function defaultMessage(name: string): string {
  return `https://media.example.test/default/${name}.mp3`;
}

const kept = new WeakMap<NumberState, string>();

function resource(number: NumberState) {
  return {
    id: number.id,
    digits: number.digits,
    direct_link: `${origin}/v1/numbers/${number.id}`,
    name: number.name,
    country: number.country,
    time_zone: number.timeZone,
    availability_status: number.availabilityStatus,
    is_ivr: number.isIvr,
    live_recording_activated: number.recordsCalls,
    priority: number.priority,
    messages: Object.fromEntries(numberMessages.map((name) => [name, number.messages[name] ?? null])),
    created_at: isoSeconds(number.createdAt),
    open: number.open,
  };
}
