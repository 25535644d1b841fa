// DuckDB's values as plain JavaScript: exact, and such that JSON can hold everything but a bigint.
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { parse } from 'json-custom-numbers';
import type { Binding } from './binding.ts';

/**
 * A converter for query results. 64-bit integers and wider become bigint, moments ISO-8601 text in UTC, dates and other
 * times text, JSON columns, lists and structs the arrays and objects they hold; decimals of up to 15 digits numbers, wider
 * ones text; bytes hexadecimal text.
 */
export function createConverter(binding: Binding): (value: DuckDBValue, type: DuckDBType | undefined) => unknown {
  const convert = (value: DuckDBValue, type: DuckDBType | undefined): unknown => {
    if (value === null) return null;
    if (typeof value === 'string') return type?.alias === 'JSON' ? parseJson(value) : value;
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value;
    if (value instanceof binding.DuckDBTimestampTZValue) return isoText(value.micros, 'Z', () => value.toString());
    if (value instanceof binding.DuckDBTimestampValue) return isoText(value.micros, '', () => value.toString());
    if (value instanceof binding.DuckDBDecimalValue) return value.width <= 15 ? value.toDouble() : value.toString();
    if (value instanceof binding.DuckDBListValue || value instanceof binding.DuckDBArrayValue) {
      const isList = type instanceof binding.DuckDBListType || type instanceof binding.DuckDBArrayType;
      return value.items.map((item) => convert(item, isList ? type.valueType : undefined));
    }
    if (value instanceof binding.DuckDBStructValue) {
      const types = type instanceof binding.DuckDBStructType ? type.entryTypes : [];
      return Object.fromEntries(Object.entries(value.entries).map(([entry, inner], at) => [entry, convert(inner, types[at])]));
    }
    if (value instanceof binding.DuckDBMapValue) {
      const map = type instanceof binding.DuckDBMapType ? type : undefined;
      return value.entries.map((entry) => ({ key: convert(entry.key, map?.keyType), value: convert(entry.value, map?.valueType) }));
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
