// Compares the documents of collections with what Aircall has, value by value, with its own few lines.
import type { Truth } from '../../src/simulator/index.ts';
import { isRecord } from './flow-schema.ts';
import type { FlowRuntime } from './flow-runtime.ts';

/** Paths that are not in documents on purpose: signed links, secrets, and what belongs to other resources. */
const keptOut: Readonly<Record<string, RegExp>> = {
  calls: /^(?:recording|voicemail)(?:_short_url)?$|^number\.messages|^contact\.(?!id$|first_name$|last_name$|company_name$)/,
  webhooks: /^token$/,
  users: /^numbers/,
};
/** What documents have and records have not. */
const added: Readonly<Record<string, readonly string[]>> = { calls: ['has_recording', 'has_voicemail'], company: ['id'] };

export type TruthOptions = {
  readonly streams?: readonly string[];
  /** Of a key that Aircall no longer lists: whether the collection may still have it. */
  readonly mayBeThere?: (stream: string, key: string) => boolean;
};

export function differencesFrom(
  runtime: FlowRuntime,
  truth: Truth,
  { streams = Object.keys(truth), mayBeThere = () => false }: TruthOptions = {},
): readonly string[] {
  return streams.flatMap((stream) => {
    const records = truth[stream as keyof Truth];
    const documents = runtime.documents(stream);
    const excess = [...documents.keys()].filter((key) => !records.has(key) && !mayBeThere(stream, key));
    return [
      ...excess.map((key) => `${stream} ${key}: captured, not there`),
      ...[...records].flatMap(([key, record]) => {
        const document = documents.get(key);
        if (document === undefined) return [`${stream} ${key}: missing`];
        const unknown = Object.keys(document).filter(
          (name) => !(name in record) && name !== '_meta' && !(added[stream] ?? []).includes(name),
        );
        return [
          ...unknown.map((name) => `${stream} ${key}: ${name} came from nowhere`),
          ...differences({ stream, key }, record, document, ''),
        ];
      }),
    ];
  });
}

function differences(
  of: { readonly stream: string; readonly key: string },
  truth: unknown,
  captured: unknown,
  path: string,
): readonly string[] {
  if (keptOut[of.stream]?.test(path) === true) return captured === undefined ? [] : [`${of.stream} ${of.key}: ${path} must not be there`];
  if (Array.isArray(truth)) {
    if (!Array.isArray(captured) || captured.length !== truth.length) return [`${of.stream} ${of.key}: ${path} has another length`];
    return truth.flatMap((each, index) => differences(of, each, captured[index], path));
  }
  if (isRecord(truth)) {
    if (!isRecord(captured)) return [`${of.stream} ${of.key}: ${path} is no object`];
    return Object.entries(truth).flatMap(([name, each]) => differences(of, each, captured[name], path === '' ? name : `${path}.${name}`));
  }
  return isSame(truth, captured) ? [] : [`${of.stream} ${of.key}: ${path} is ${String(captured)}, not ${String(truth)}`];
}

function isSame(truth: unknown, captured: unknown): boolean {
  if (truth === null || truth === undefined) return captured === null || captured === undefined;
  if (typeof captured === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(captured)) {
    return Date.parse(captured) === (typeof truth === 'number' ? truth * 1000 : Date.parse(String(truth)));
  }
  return truth === captured || String(truth) === String(captured);
}
