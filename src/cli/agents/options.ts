// The options of `trunkline agents`, for all of its actions.
import { jsonOption, option } from '../command.ts';
import { gatewaySettings } from '../gateway.ts';
import { parseChoice, parseCount, parseCountOrOff, parseSpan, parseText } from '../settings/parse.ts';
import { parseEnd, parseFrom } from './words.ts';

export const agentSettings = [...gatewaySettings, 'listen', 'publicUrl'] as const;

const text = (placeholder: string, meaning: string, example: string) => option.value(placeholder, meaning, { parse: parseText, example });

export const agentOptions = {
  owner: text('name', 'add, set: the person who answers for it.', '"Olga Stein"'),
  purpose: text('text', 'add, set: what it is for, in a sentence.', '"Answers what customers ask"'),
  expires: option.value('date', 'add, set: when the agent ends; a date, or a span from now.', { parse: parseEnd, example: '2027-01-31' }),
  keyExpires: option.value('date', 'add, rotate: when the key ends; a date, or a span from now.', { parse: parseEnd, example: '90d' }),
  from: option.value('list', 'add, rotate: addresses and networks the key may be used from.', { parse: parseFrom, example: '10.0.0.0/8' }),
  keep: option.value('span', 'rotate: how long the other keys go on. Default: not at all.', { parse: parseSpan, example: '24h' }),
  key: text('id', 'revoke: only this key.', '7q2k0f3mz8w5tna1'),
  reason: text('text', 'rule, guardrail: why, in a sentence.', '"Recordings are never deleted by agents"'),
  until: option.value('date', 'rule: when it ends; a date, or a span from now.', { parse: parseEnd, example: '7d' }),
  taint: option.value('on|off|auto', 'set: whether, after it has read outside text, sending, live acts and deleting need a person.', {
    parse: parseChoice('on', 'off', 'auto'),
    example: 'on',
  }),
  text: option.value('apart|in-place', 'set: where text of third parties stands in its answers.', {
    parse: parseChoice('apart', 'in-place'),
    example: 'apart',
  }),
  weight: option.value('count', 'set: its weight among agents that want more than there is, 1 to 100. Default: 1.', {
    parse: parseCount(1),
    example: '3',
  }),
  burst: option.value('count', 'set: requests it may send ahead of its share after it was quiet, 0 to 100. Default: 5.', {
    parse: parseCount(0),
    example: '10',
  }),
  dailyRequests: option.value('count|off', 'set: requests a day that are let through. Default: off, no limit.', {
    parse: parseCountOrOff(0),
    example: '500',
  }),
  area: text('area', 'guardrail add: what it forbids, by area. matrix: only this area.', 'recordings'),
  effect: text('effect', 'guardrail add: what it forbids, by effect.', 'delete'),
  capability: text('id', 'guardrail add: what it forbids, by capability.', 'calls.deleteRecording'),
  days: option.value('count', 'replay, unused: how many days of the log. Default: 7, 30.', { parse: parseCount(1), example: '30' }),
  yes: option.switch('apply: do not ask.'),
  dryRun: option.switch('apply: only show what would change.'),
  cedar: option.switch('export: as Cedar policies, with --json as a document with their schema.'),
  acceptCombination: option.switch('Accept that the agent sees private data, reads outside text and has a way out. It is recorded.'),
  client: text('name', 'connect: only this client.', 'claude-code'),
  by: text('name', 'Who makes the change, for the log. Default: the name of the system’s user.', 'otto'),
  json: jsonOption,
};

export type AgentOptions = typeof agentOptions;
