// DuckDB's values as plain JavaScript: exact, and such that JSON can hold everything but a bigint.
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { parse } from 'json-custom-numbers';
import type { Binding } from './binding.ts';

/**
 * A converter for query results. 64-bit integers and wider become bigint, moments ISO-8601 text in UTC, dates and other
 * times text, JSON columns, lists and structs the arrays and objects they hold; decimals of up to 15 digits numbers, wider
 * ones text; bytes hexadecimal text.
 */
export function createConverter(binding: Binding): (value: DuckDBValue, type: DuckDBType) => unknown {
  const ids = binding.DuckDBTypeId;
  const convert = (value: DuckDBValue, type: DuckDBType): unknown => {
    if (value === null) return null;
    if (typeof value === 'string') return type.alias === 'JSON' ? parseJson(value) : value;
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value;
    if (value instanceof binding.DuckDBTimestampTZValue) return isoText(value.micros, 'Z', () => value.toString());
    if (value instanceof binding.DuckDBTimestampValue) return isoText(value.micros, '', () => value.toString());
    if (value instanceof binding.DuckDBDecimalValue) return value.width <= 15 ? value.toDouble() : value.toString();
    if (value instanceof binding.DuckDBListValue || value instanceof binding.DuckDBArrayValue) {
      const itemType =
        type.typeId === ids.LIST || type.typeId === ids.ARRAY ? (type as unknown as { valueType: DuckDBType }).valueType : type;
      return value.items.map((item) => convert(item, itemType));
    }
    if (value instanceof binding.DuckDBStructValue && type instanceof binding.DuckDBStructType) {
      return Object.fromEntries(
        type.entryNames.map((entry, at) => [entry, convert(value.entries[entry] ?? null, type.entryTypes[at] ?? type)]),
      );
    }
    if (value instanceof binding.DuckDBMapValue && type instanceof binding.DuckDBMapType) {
      return value.entries.map((entry) => ({ key: convert(entry.key, type.keyType), value: convert(entry.value, type.valueType) }));
    }
    if (value instanceof binding.DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex');
    return value.toString();
  };
  return convert;
}

const mayHoldLongInteger = /\d{16}/;

function parseJson(text: string): unknown {
  if (!mayHoldLongInteger.test(text)) return JSON.parse(text);
  return parse(text, undefined, (_key, digits) => {
    const value = Number(digits);
    return Number.isSafeInteger(value) || !/^-?\d+$/.test(digits) ? value : BigInt(digits);
  });
}

/** Years 0 to 9999 have an ISO form of fixed length; anything else stays as DuckDB writes it. */
function isoText(micros: bigint, zone: string, otherwise: () => string): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = (micros - fraction) / 1_000_000n;
  if (seconds < -62_167_219_200n || seconds >= 253_402_300_800n) return otherwise();
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${String(fraction).padStart(6, '0')}${zone}`;
}
