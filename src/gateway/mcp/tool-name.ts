// The names of tools. Operators read them in the log and people allow them in their clients, so that a name never changes.
import { capabilities } from '../capabilities/capabilities.ts';
import type { Capability } from '../capabilities/capability.ts';

/** `aircall_calls_delete_recording` for `calls.deleteRecording`: letters, digits and `_` alone, as model APIs demand. */
export function toolNameOf({ id }: Pick<Capability, 'id'>): string {
  const words = id.replaceAll('.', '_').replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
  return `aircall_${words.toLowerCase()}`;
}

const byTool: ReadonlyMap<string, Capability> = new Map(capabilities.map((capability) => [toolNameOf(capability), capability]));

/** Undefined for a tool that does not exist. */
export function capabilityOfTool(name: string): Capability | undefined {
  return byTool.get(name);
}
