// A task as somebody has configured it: checked whole, so that everything that is wrong with it is said at once.
import type { Stream } from '../../streams/index.ts';
import { offeredStreams, streamFor } from '../connector-streams.ts';
import { checkEndpointConfig, checkResourceConfig, type EndpointConfig } from './configuration.ts';
import { keyOf } from './document-schema.ts';
import type { ValidateBinding } from './requests.ts';

export type TaskBinding = {
  readonly stream: Stream;
  /** The binding's identity. */
  readonly resourcePath: readonly [string];
  readonly intervalMs: number;
};

export type Task = { readonly endpoint: EndpointConfig | null; readonly bindings: readonly TaskBinding[] };

export type CheckedTask = Task & {
  /** Everything that is wrong; without any, `endpoint` is there and `bindings` are as many as were asked for, in their order. */
  readonly problems: readonly string[];
};

export function checkTask(given: { readonly config: unknown; readonly bindings: readonly ValidateBinding[] }, nowMs: number): CheckedTask {
  const checked = checkEndpointConfig(given.config, nowMs);
  const endpoint = 'value' in checked ? checked.value : null;
  const problems: string[] = 'value' in checked ? [] : checked.problems.map((problem) => `in the endpoint configuration, ${problem}`);
  const bindings: TaskBinding[] = [];
  const names = new Set<string>();
  for (const [index, binding] of given.bindings.entries()) {
    const where = `binding ${index}`;
    const resource = checkResourceConfig(binding.resourceConfig);
    if ('problems' in resource) {
      problems.push(...resource.problems.map((problem) => `in the resource configuration of ${where}, ${problem}`));
      continue;
    }
    const { name, intervalMs } = resource.value;
    const stream = streamFor(name, { full: endpoint?.numberUsers ?? false });
    if (stream === null) {
      problems.push(`${where} names a resource that does not exist; there are ${offeredStreams.map((each) => each.name).join(', ')}`);
      continue;
    }
    if (names.has(name)) problems.push(`${where} names ${name}, as another binding does`);
    names.add(name);
    const key = keyOf(stream.shape);
    if (binding.collection === null)
      problems.push(`${where} (${name}) comes without its collection; this runtime refers to collections in a way that is not known here`);
    else if (binding.collection.key.join() !== key.join()) {
      problems.push(`the collection of ${name} must have the key ${key.join()}, by which its deletions are told`);
    }
    bindings.push({ stream, resourcePath: [name], intervalMs });
  }
  return { endpoint, bindings, problems };
}
