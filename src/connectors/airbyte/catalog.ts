// What `discover` answers: every stream with its schema, key and cursor. It depends on nothing but the declarations, so
// that it is the same, byte for byte, on every machine.
import type { JsonObject } from '../../base/index.ts';
import type { Stream } from '../../streams/index.ts';
import { cursorField, recordSchema } from './schema.ts';

export function catalogStream(stream: Stream): JsonObject {
  return {
    name: stream.name,
    json_schema: recordSchema(stream.shape),
    supported_sync_modes: ['full_refresh', 'incremental'],
    source_defined_cursor: true,
    default_cursor_field: [cursorField],
    source_defined_primary_key: [[stream.shape.key]],
    is_resumable: true,
  };
}
