// What stands on the command line of `trunkline agents`, understood: agents, areas, levels, limits and fields by their names.
import { nearest, UsageError } from '../../base/index.ts';
import { capabilities, fieldTreatments, grantAreas, levels, parseAddresses, ruledClasses } from '../../gateway/index.ts';
import type { Agent, Constraint, FieldRule, FieldTreatment, GrantArea, Level, Policy } from '../../gateway/index.ts';
import { InvalidValue, parseMoment, parseNames, parseSpan } from '../settings/parse.ts';

/** The agent of that name or id, whatever the case of letters. Throws `UsageError` naming the nearest one. */
export function agentNamed(policy: Policy, name: string): Agent {
  const agents = Object.values(policy.agents);
  const found = agents.find((agent) => agent.id === name || agent.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const names = agents.map((agent) => agent.name);
  const near = nearest(name, names);
  const hint = names.length === 0 ? 'There are none yet: trunkline agents add NAME --owner WHO.' : `There are: ${names.join(', ')}.`;
  throw new UsageError({
    code: 'agent_missing',
    message: name === '' ? 'No agent is named.' : `There is no agent named "${name}".`,
    hint: near === null ? hint : `Did you mean "${near}"?`,
  });
}

/** One of a list, with the nearest one in the error. */
export function oneOf<const V extends string>(text: string, values: readonly V[], what: string): V {
  const found = values.find((value) => value === text.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(text, values);
  throw new UsageError({
    code: 'unknown_word',
    message: `"${text}" is no ${what}.`,
    hint: near === null ? `There are: ${values.join(', ')}.` : `Did you mean ${near}? There are: ${values.join(', ')}.`,
  });
}

export function areaNamed(text: string): GrantArea {
  return oneOf(text.replace('-', '_'), grantAreas, 'area');
}

export function capabilityNamed(text: string): string {
  const ids = capabilities.map(({ id }) => id);
  const found = ids.find((id) => id.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(text, ids);
  throw new UsageError({
    code: 'unknown_capability',
    message: `There is no capability "${text}".`,
    hint: near === null ? 'trunkline capabilities lists all.' : `Did you mean ${near}? trunkline capabilities lists all.`,
  });
}

/** `calls=read tags=full`. */
export function parseLevels(words: readonly string[]): Readonly<Partial<Record<GrantArea, Level>>> {
  return Object.fromEntries(
    pairs(words, 'calls=read').map(([area, level]) => [areaNamed(area), oneOf(level === 'full-use' ? 'full' : level, levels, 'level')]),
  );
}

/** `calls.comment=approve`; null: no rule any more. */
export function parseRules(words: readonly string[]): readonly (readonly [string, 'deny' | 'approve' | 'allow' | null])[] {
  return pairs(words, 'calls.comment=approve').map(([capability, effect]) => {
    const chosen = oneOf(effect, ['deny', 'approve', 'allow', 'none'], 'effect of a rule');
    return [capabilityNamed(capability), chosen === 'none' ? null : chosen] as const;
  });
}

/** `contacts.phone=mask`, `phone=mask` (in every area); null: as by default. */
export function parseFields(
  words: readonly string[],
): readonly { readonly which: Pick<FieldRule, 'area' | 'class'>; readonly treatment: FieldTreatment | null }[] {
  return pairs(words, 'contacts.phone=mask').map(([place, treatment]) => {
    const [first = '', second] = place.split('.', 2);
    const area = second === undefined ? null : areaNamed(first);
    const ofClass = oneOf(second ?? first, ruledClasses, 'class of fields');
    const chosen = oneOf(treatment, [...fieldTreatments, 'default'], 'treatment');
    return { which: { area, class: ofClass }, treatment: chosen === 'default' ? null : chosen };
  });
}

/** What limits are called on the command line, and in the policy. */
const limitNames = {
  teams: 'teams',
  numbers: 'numbers',
  users: 'users',
  tags: 'tags',
  directions: 'directions',
  'newer-than': 'newerThanSeconds',
  hours: 'hours',
  'max-rows': 'maximumRowsPerDay',
  'max-writes': 'maximumWritesPerDay',
} as const satisfies Record<string, keyof Constraint>;

/** `teams=7,8 max-rows=100`, added to what was there; `teams=none` takes one away, `none` all: then null. */
export function parseLimits(words: readonly string[], before: Constraint): Constraint | null {
  if (words.length === 1 && words[0] === 'none') return null;
  const limits: Record<string, unknown> = { ...before };
  for (const [name, text] of pairs(words, 'teams=7,8')) {
    const key = oneOf(name, Object.keys(limitNames) as (keyof typeof limitNames)[], 'limit'); // its own keys
    if (text === 'none') delete limits[limitNames[key]];
    else limits[limitNames[key]] = limitOf(key, text);
  }
  return Object.keys(limits).length === 0 ? null : limits; // every value came from limitOf
}

function limitOf(name: keyof typeof limitNames, text: string): unknown {
  switch (name) {
    case 'directions':
      return text.split(',').map((each) => oneOf(each.trim(), ['inbound', 'outbound'], 'direction'));
    case 'newer-than':
      return parsed(text, `${name}=30d`, parseSpan) / 1000;
    case 'max-rows':
    case 'max-writes':
      if (!/^\d{1,9}$/.test(text)) throw bad(`${name}=${text}`, 'is not a whole number', `${name}=100`);
      return Number(text);
    case 'hours':
      return hoursOf(text);
    default:
      return text.split(',').map((id) => {
        if (!/^[1-9]\d{0,19}$/.test(id.trim())) throw bad(`${name}=${text}`, 'is not a list of ids in digits', `${name}=7,8`);
        return id.trim();
      });
  }
}

/** `1-5 09:00-17:00 Europe/Paris`. */
function hoursOf(text: string): Constraint['hours'] {
  const example = 'hours="1-5 09:00-17:00 Europe/Paris"';
  const time = '((?:[01]\\d|2[0-3]):[0-5]\\d|24:00)';
  const parts = new RegExp(`^([1-7](?:[-,][1-7])*) ${time}-${time} (\\S+)$`).exec(text.trim());
  if (parts === null) throw bad(`hours=${text}`, 'is not days, times and a time zone', example);
  const [, days = '', from = '', to = '', timeZone = ''] = parts;
  try {
    new Intl.DateTimeFormat('en', { timeZone }).format();
  } catch {
    throw bad(`hours=${text}`, `names the time zone ${timeZone}, which does not exist`, example);
  }
  if (from === to) throw bad(`hours=${text}`, 'begins and ends at the same time', example);
  return { days: daysOf(days), from, to, timeZone };
}

function daysOf(text: string): readonly number[] {
  const days = text.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  });
  return [...new Set(days)].sort((a, b) => a - b);
}

/** `2027-01-31` or `90d` from now: a moment that is still to come. */
export function parseEnd(text: string): (nowMs: number) => string {
  const span = /^\d+\s?[a-z]+$/i.test(text.trim()) ? parseSpan(text) : null;
  const moment = span === null ? parseMoment(text).at.getTime() : null;
  return (nowMs) => {
    const endMs = moment ?? nowMs + (span ?? 0);
    if (endMs > nowMs) return new Date(endMs).toISOString();
    throw new UsageError({
      code: 'end_passed',
      message: `${text} has passed already.`,
      hint: 'Give a day to come, or a span such as 90d.',
    });
  };
}

/** `10.0.0.0/8,192.0.2.7`. */
export function parseFrom(text: string): readonly string[] {
  try {
    return parseAddresses(parseNames(text));
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidValue('holds something that is no address and no network');
    throw error;
  }
}

function pairs(words: readonly string[], example: string): readonly (readonly [string, string])[] {
  if (words.length === 0) {
    throw new UsageError({ code: 'command_line', message: 'There is nothing to change.', hint: `Such as ${example}.` });
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at <= 0 || at === word.length - 1) throw bad(word, 'is not NAME=VALUE', example);
    return [word.slice(0, at), word.slice(at + 1)] as const;
  });
}

function parsed<T>(text: string, example: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof InvalidValue) throw bad(text, error.message, example);
    throw error;
  }
}

function bad(text: string, reason: string, example: string): UsageError {
  return new UsageError({ code: 'command_line', message: `"${text}" ${reason}.`, hint: `Such as ${example}.` });
}
