import { describe, expect, test } from 'vitest';
import { UsageError } from '../base/index.ts';
import { checkDataset, parseDestinationUrl } from './url.ts';

describe('parseDestinationUrl', () => {
  test.each([
    ['duckdb:./aircall.duckdb', './aircall.duckdb'],
    ['duckdb:aircall.duckdb', 'aircall.duckdb'],
    ['duckdb:/data/aircall.duckdb', '/data/aircall.duckdb'],
    ['duckdb:///data/aircall.duckdb', '/data/aircall.duckdb'],
    ['DuckDB:C:\\data\\aircall.duckdb', 'C:\\data\\aircall.duckdb'],
  ])('%s is the file %s', (text, path) => {
    expect(parseDestinationUrl(text)).toEqual({ scheme: 'duckdb', path, label: `duckdb:${path}` });
  });

  test.each([
    '',
    'duckdb',
    'duckdb:',
    'duckdb://',
    'duckdb:./folder/',
    'duckdb::memory:',
    'duckdb:md:calls',
    'mysql://host/db',
    './x.duckdb',
  ])('"%s" is refused with a valid example', (text) => {
    const error = refusal(() => parseDestinationUrl(text));
    expect(error.code).toBe('destination_url');
    expect(error.hint).toContain('duckdb:./aircall.duckdb');
  });

  test.each(['postgres://localhost/db', 's3://bucket/prefix', 'bigquery://project/dataset', 'file:./out?format=csv'])(
    '%s is known and honestly not built',
    (text) => {
      expect(refusal(() => parseDestinationUrl(text)).code).toBe('destination_not_built');
    },
  );

  test('a password in a URL that is not understood stays out of the message', () => {
    expect(refusal(() => parseDestinationUrl('mysql://me:hunter2@host/db')).message).not.toContain('hunter2');
  });
});

describe('checkDataset', () => {
  test.each(['aircall', 'AIRCALL'])('%s is refused beside a file of that name', (dataset) => {
    const error = refusal(() => checkDataset(dataset, parseDestinationUrl('duckdb:./data/aircall.duckdb')));
    expect(error.message).toContain(`"${dataset}"`);
    expect(error.hint).toContain('aircall_data');
  });

  test('the dataset that is proposed is not the one that was refused', () => {
    const error = refusal(() => checkDataset('aircall_data', parseDestinationUrl('duckdb:./aircall_data.duckdb')));
    expect(error.hint).not.toContain('aircall_data');
  });

  test('DuckDB takes the file name up to its first dot, and so do we', () => {
    expect(() => checkDataset('aircall', parseDestinationUrl('duckdb:aircall.read.duckdb'))).toThrow(UsageError);
  });

  test.each(['', 'has space', '1st', 'a"b', 'information_schema', 'temp'])('"%s" is refused', (dataset) => {
    expect(refusal(() => checkDataset(dataset, parseDestinationUrl('duckdb:x.duckdb'))).code).toBe('dataset_name');
  });

  test('an ordinary name passes', () => {
    checkDataset('aircall_data', parseDestinationUrl('duckdb:./aircall.duckdb'));
  });
});

function refusal(run: () => unknown): UsageError {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
