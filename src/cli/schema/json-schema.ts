import type { ColumnType } from '../../rows/index.ts';
import type { DescribedTable } from './describe.ts';

const types: Readonly<Record<ColumnType, object>> = {
  text: { type: 'string' },
  bigint: { type: 'integer' },
  integer: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  double: { type: 'number' },
  boolean: { type: 'boolean' },
  timestamp: { type: 'string', format: 'date-time' },
  json: {},
};

/** One definition per table: what a row looks like as JSON. */
export function writeJsonSchema(tables: readonly DescribedTable[], dataset: string): string {
  const definitions = tables.map((table): [string, object] => [
    table.name,
    {
      type: 'object',
      required: table.key,
      properties: Object.fromEntries(
        table.columns.map(({ name, type, meaning, nullable }) => [
          name,
          {
            ...(nullable && type !== 'json' ? { anyOf: [types[type], { type: 'null' }] } : types[type]),
            ...(meaning === null ? {} : { description: meaning }),
          },
        ]),
      ),
    },
  ]);
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: dataset, $defs: Object.fromEntries(definitions) };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
