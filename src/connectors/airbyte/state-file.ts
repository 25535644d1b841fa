// The state file in every form in which platforms and people hand one over, as a map from stream to blob.
import { isObject } from '../../base/index.ts';
import { InputRefused } from './input-errors.ts';
import { type InputFile, parseInput } from './input-file.ts';

/** Of a stream named twice the later state counts. Throws `InputRefused` naming the file. */
export function parseStateFile(file: InputFile, text: string): ReadonlyMap<string, unknown> {
  const states = new Map<string, unknown>();
  for (const payload of payloadsOf(file, text)) take(file, payload, states);
  return states;
}

function payloadsOf(file: InputFile, text: string): readonly unknown[] {
  if (text.trim() === '') return [];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > 1 && lines.every(isMessage)) {
    // Our own output as somebody kept it, one message a line: the states among them.
    return lines.map((line) => parseInput(file, line)).filter((message) => isObject(message) && message['type'] === 'STATE');
  }
  const whole = parseInput(file, text);
  return Array.isArray(whole) ? whole : [whole];
}

function isMessage(line: string): boolean {
  return line.startsWith('{"type":') && line.endsWith('}');
}

function take(file: InputFile, payload: unknown, states: Map<string, unknown>): void {
  if (payload === null) return;
  if (!isObject(payload)) throw refused(file, 'an entry is not an object');
  const { type, stream, global, data, state } = payload;
  switch (type) {
    case 'STATE':
      return take(file, state ?? null, states);
    case 'STREAM':
      return takeStream(file, stream, states);
    case 'GLOBAL':
      return takeGlobal(file, global, states);
    case 'LEGACY':
      return takeMap(file, data ?? null, states);
    case undefined:
      // Without a type it is a map by stream, or such a map wrapped as the oldest platforms did.
      return takeMap(file, isObject(data) && Object.keys(payload).every((key) => wrapping.has(key)) ? data : payload, states);
    default:
      if (typeof type === 'string') throw refused(file, 'an entry is of a type that is none of STREAM, GLOBAL and LEGACY');
      return takeMap(file, payload, states);
  }
}

const wrapping = new Set(['data', 'sourceStats', 'destinationStats', 'id']);

function takeStream(file: InputFile, stream: unknown, states: Map<string, unknown>): void {
  const descriptor = isObject(stream) ? stream['stream_descriptor'] : undefined;
  if (!isObject(stream) || !isObject(descriptor) || typeof descriptor['name'] !== 'string') {
    throw refused(file, 'an entry does not name its stream');
  }
  states.set(descriptor['name'], stream['stream_state'] ?? null);
}

function takeGlobal(file: InputFile, global: unknown, states: Map<string, unknown>): void {
  if (!isObject(global) || !Array.isArray(global['stream_states'])) throw refused(file, 'its GLOBAL entry has no list of stream states');
  const shared = global['shared_state'] ?? null;
  if (shared !== null && !(isObject(shared) && Object.keys(shared).length === 0)) {
    throw refused(file, 'it holds a state that streams share, which this connector never writes');
  }
  for (const stream of global['stream_states'] as readonly unknown[]) takeStream(file, stream, states);
}

function takeMap(file: InputFile, map: unknown, states: Map<string, unknown>): void {
  if (map === null) return;
  if (!isObject(map)) throw refused(file, 'it is no map from stream to state');
  for (const [name, blob] of Object.entries(map)) states.set(name, blob);
}

function refused({ what, path }: InputFile, reason: string): InputRefused {
  return new InputRefused({
    message: `The ${what} file ${path} is not a state: ${reason}.`,
    hint: 'Pass the list of states as the platform keeps it, or none to read from the start.',
  });
}
