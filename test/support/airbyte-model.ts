// Airbyte's message model as strictly as it can be read: exactly one payload, of the announced kind, with known fields only.
// And just enough JSON Schema (draft-07) to validate records against the schemas of a catalog.
import { z } from 'zod';

const blob = z.record(z.string(), z.unknown());
const descriptor = z.strictObject({ name: z.string().min(1), namespace: z.string().min(1).optional() });
const epochMs = z
  .number()
  .min(Date.UTC(2020, 0, 1))
  .max(Date.UTC(2100, 0, 1));
const count = z.number().int().min(0);

const record = z.strictObject({
  stream: z.string().min(1),
  namespace: z.string().min(1).optional(),
  data: blob,
  emitted_at: epochMs.int(),
  meta: z
    .strictObject({
      changes: z
        .array(
          z.strictObject({
            field: z.string().min(1),
            change: z.enum(['NULLED', 'TRUNCATED']),
            reason: z.enum([
              'SOURCE_RECORD_SIZE_LIMITATION',
              'SOURCE_FIELD_SIZE_LIMITATION',
              'SOURCE_SERIALIZATION_ERROR',
              'SOURCE_RETRIEVAL_ERROR',
            ]),
          }),
        )
        .min(1),
    })
    .optional(),
});

const state = z.strictObject({
  type: z.literal('STREAM'),
  stream: z.strictObject({ stream_descriptor: descriptor, stream_state: blob.refine((value) => Object.keys(value).length > 0, 'empty') }),
  sourceStats: z.strictObject({ recordCount: count, rejectedRecordCount: count.optional() }),
});

const log = z.strictObject({
  level: z.enum(['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE']),
  message: z.string().min(1),
  stack_trace: z.string().optional(),
});

const streamStatus = z.strictObject({
  stream_descriptor: descriptor,
  status: z.enum(['STARTED', 'RUNNING', 'COMPLETE', 'INCOMPLETE']),
  reasons: z
    .array(
      z.strictObject({
        type: z.literal('RATE_LIMITED'),
        rate_limited: z.strictObject({ quota_reset: epochMs.int().optional() }).optional(),
      }),
    )
    .min(1)
    .optional(),
});

const error = z.strictObject({
  message: z.string().min(1),
  internal_message: z.string().min(1).optional(),
  stack_trace: z.string().optional(),
  failure_type: z.enum(['config_error', 'system_error', 'transient_error']),
  stream_descriptor: descriptor.optional(),
});

const estimate = z.strictObject({
  name: z.string().min(1),
  namespace: z.string().optional(),
  type: z.literal('STREAM'),
  row_estimate: count,
  byte_estimate: count.optional(),
});

const trace = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ERROR'), emitted_at: epochMs, error }),
  z.strictObject({ type: z.literal('ESTIMATE'), emitted_at: epochMs, estimate }),
  z.strictObject({ type: z.literal('STREAM_STATUS'), emitted_at: epochMs, stream_status: streamStatus }),
]);

const catalogStream = z.strictObject({
  name: z.string().min(1),
  namespace: z.string().optional(),
  json_schema: blob,
  supported_sync_modes: z.array(z.enum(['full_refresh', 'incremental'])).min(1),
  source_defined_cursor: z.boolean(),
  default_cursor_field: z.array(z.string()).min(1),
  source_defined_primary_key: z.array(z.array(z.string()).min(1)).min(1),
  is_resumable: z.boolean(),
});

const messageModel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('RECORD'), record }),
  z.strictObject({ type: z.literal('STATE'), state }),
  z.strictObject({ type: z.literal('LOG'), log }),
  z.strictObject({ type: z.literal('TRACE'), trace }),
  z.strictObject({
    type: z.literal('SPEC'),
    spec: z.strictObject({
      documentationUrl: z.url().optional(),
      changelogUrl: z.url().optional(),
      connectionSpecification: blob,
      supportsIncremental: z.boolean().optional(),
      supported_destination_sync_modes: z.array(z.enum(['append', 'overwrite', 'append_dedup'])).optional(),
    }),
  }),
  z.strictObject({
    type: z.literal('CONNECTION_STATUS'),
    connectionStatus: z.strictObject({ status: z.enum(['SUCCEEDED', 'FAILED']), message: z.string().min(1).optional() }),
  }),
  z.strictObject({ type: z.literal('CATALOG'), catalog: z.strictObject({ streams: z.array(catalogStream).min(1) }) }),
  z.strictObject({
    type: z.literal('CONTROL'),
    control: z.strictObject({
      type: z.literal('CONNECTOR_CONFIG'),
      emitted_at: epochMs,
      connectorConfig: z.strictObject({ config: blob }),
    }),
  }),
]);

export type AirbyteMessage = z.infer<typeof messageModel>;
export type CatalogStream = z.infer<typeof catalogStream>;
export type RecordMessage = z.infer<typeof record>;

/** One line of output. Throws when it is not one message of the model. */
export function parseMessage(line: string): AirbyteMessage {
  const parsed = messageModel.safeParse(JSON.parse(line));
  if (!parsed.success) throw new Error(`${z.prettifyError(parsed.error)} in ${line.slice(0, 300)}`);
  return parsed.data;
}

type Schema = {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
};

/** What of the value does not fit the schema, by path. Whole numbers must be written as such. */
export function misfits(value: unknown, schema: unknown, path = '$'): readonly string[] {
  const { type, properties, items, format, pattern, enum: values, minimum, maximum, required = [], ...rest } = schema as Schema;
  const types = typeof type === 'string' ? [type] : (type ?? []);
  const found: string[] = [];
  if (types.length > 0 && !types.some((each) => isOfType(value, each)))
    found.push(`${path}: ${JSON.stringify(value)} is not ${types.join('|')}`);
  if (values !== undefined && !values.includes(value)) found.push(`${path}: none of the values`);
  if (typeof value === 'string') {
    if (format === 'date-time' && !rfc3339.test(value)) found.push(`${path}: ${value} is no moment`);
    if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) found.push(`${path}: does not match ${pattern}`);
  }
  if (typeof value === 'number' && ((minimum !== undefined && value < minimum) || (maximum !== undefined && value > maximum))) {
    found.push(`${path}: ${value} is out of bounds`);
  }
  if (isRecord(value)) {
    for (const name of required) if (!(name in value)) found.push(`${path}.${name}: is missing`);
    for (const [name, inner] of Object.entries(value)) {
      const expected = properties?.[name];
      if (expected !== undefined) found.push(...misfits(inner, expected, `${path}.${name}`));
      else if (rest.additionalProperties === false) found.push(`${path}.${name}: is not allowed`);
    }
  }
  if (Array.isArray(value) && items !== undefined) {
    for (const [index, inner] of value.entries()) found.push(...misfits(inner, items, `${path}[${index}]`));
  }
  return found;
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
