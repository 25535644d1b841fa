// A user in each of the forms Aircall gives one: the resource in two versions, and five abridged copies.
import { limits } from '../../aircall/index.ts';
import type { SwitchSettings } from '../../aircall/index.ts';
import type { UserState } from '../company/state.ts';
import { isoSeconds } from '../time.ts';
import { overlaid } from './overlay.ts';

const { origin } = limits;

/** Reachable right now: online, and inside working hours. */
function isAvailable(user: UserState): boolean {
  return user.availability === 'available' && user.availabilityStatus !== 'unavailable' && user.substatus !== 'always_closed';
}

/** The abridged copies by where they stand; a tag's author looks like a number's user. */
export type UserForm = 'v2' | 'call' | 'comment' | 'team' | 'number';

/** The JSON text of a user, kept as long as the user stays as it is. */
export function userJson(user: UserState, form: UserForm, switches: SwitchSettings): string {
  let texts = kept.get(user);
  if (texts === undefined) kept.set(user, (texts = {}));
  return (texts[form] ??= overlaid(JSON.stringify(forms[form](user, switches)), form === 'v2' ? user.overrides : undefined));
}

/** Version 1 of the resource; `numbers` are shown only where the account's API is of the documented kind. */
export function userV1Json(user: UserState, numbers: readonly string[], switches: SwitchSettings): string {
  const text = JSON.stringify({ ...resource(user), direct_link: `${origin}/v1/users/${user.id}` });
  if (switches.usersV1ExtraFields === 'absent') return overlaid(text, user.overrides);
  const extra = JSON.stringify({ default_number_id: user.defaultNumberId, substatus: substatusOf(user, switches) }).slice(1, -1);
  return overlaid(`${text.slice(0, -1)},${extra},"numbers":[${numbers.join(',')}]}`, user.overrides);
}

const kept = new WeakMap<UserState, Partial<Record<UserForm, string>>>();

const forms: Record<UserForm, (user: UserState, switches: SwitchSettings) => object> = {
  v2: (user, switches) => ({
    ...resource(user),
    direct_link: `${origin}/v2/users/${user.id}`,
    default_number_id: user.defaultNumberId,
    substatus: substatusOf(user, switches),
  }),
  call: (user) => ({
    ...head(user),
    available: isAvailable(user),
    availability_status: user.availabilityStatus,
    created_at: isoSeconds(user.createdAt),
    time_zone: user.timeZone,
    language: user.language,
    state: user.state,
    wrap_up_time: user.wrapUpTime,
    extension: user.extension,
  }),
  comment: (user) => ({
    ...head(user),
    available: isAvailable(user),
    availability_status: user.availabilityStatus,
    created_at: isoSeconds(user.createdAt),
    state: user.state,
    wrap_up_time: user.wrapUpTime,
    extension: user.extension,
  }),
  team: (user) => ({
    ...head(user),
    availability_status: user.availabilityStatus,
    default_number_id: user.defaultNumberId,
    created_at: isoSeconds(user.createdAt),
    time_zone: user.timeZone,
    language: user.language,
    wrap_up_time: user.wrapUpTime,
  }),
  number: (user) => ({
    ...head(user),
    available: isAvailable(user),
    availability_status: user.availabilityStatus,
    language: user.language,
    wrap_up_time: user.wrapUpTime,
  }),
};

function substatusOf(user: UserState, switches: SwitchSettings): string {
  return user.substatus === 'always_opened' ? switches.substatusSpelling : user.substatus;
}

function head(user: UserState) {
  return { id: user.id, direct_link: `${origin}/v1/users/${user.id}`, name: user.name, email: user.email };
}

function resource(user: UserState) {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    direct_link: '',
    language: user.language,
    created_at: isoSeconds(user.createdAt),
    time_zone: user.timeZone,
    state: user.state,
    wrap_up_time: user.wrapUpTime,
    extension: user.extension,
    availability_status: user.availabilityStatus,
    available: isAvailable(user),
  };
}
