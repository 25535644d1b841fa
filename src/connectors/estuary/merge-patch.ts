// State as the runtime keeps it: merged by RFC 7396, in which null means "remove". So nothing in a state may be null, and a
// change of state is told as what differs.
import { isObject, type Json, type JsonObject } from '../../base/index.ts';

/** The same without members that are null; lists stay as they are. */
export function withoutNulls(state: JsonObject): JsonObject {
  const members = Object.entries(state).filter(([, value]) => value !== null);
  return Object.fromEntries(members.map(([name, value]) => [name, isJsonObject(value) ? withoutNulls(value) : value]));
}

/** What, merged into `before`, gives `after`. Neither holds a null member. */
export function patchBetween(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch[name] = null;
  for (const [name, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (isJsonObject(value) && isJsonObject(old)) {
      const inner = patchBetween(old, value);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (old === undefined || JSON.stringify(old) !== JSON.stringify(value)) patch[name] = value;
  }
  return patch;
}

function isJsonObject(value: Json | undefined): value is JsonObject {
  return isObject(value);
}
