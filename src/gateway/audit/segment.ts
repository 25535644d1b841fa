// A segment: a run of archived records as lines of JSON, in a gzip file of its own.
//
//   {"trunkline":"audit segment","version":1,"company":"acme","firstSeq":1,"lastSeq":100000,"prev":"…","hash":"…"}
//   {"seq":1,"prev":"…","hash":"…","record":{…}}           the stored bytes stand after "record": as they are
//   …                                                      hash = HMAC-SHA256(key, prev ‖ bytes)
//   {"seq":1000,"prev":"…","hash":"…","record":{…}}
//   {"checkpoint":{"seq":1000,"head":"…",…}}               after its record
//   …
import { createHash } from 'node:crypto';
import { isObject } from '../../base/index.ts';
import type { StoredCheckpoint, StoredRecord, StoredSegment } from '../../store/index.ts';

const kind = 'audit segment';
const version = 1;

export type SegmentHeader = Pick<StoredSegment, 'firstSeq' | 'lastSeq' | 'prev' | 'hash'> & { readonly company: string };

/** `other`: a line that is none of ours. */
export type SegmentLine =
  | { readonly kind: 'header'; readonly header: SegmentHeader }
  | { readonly kind: 'record'; readonly record: StoredRecord }
  | { readonly kind: 'checkpoint'; readonly checkpoint: StoredCheckpoint }
  | { readonly kind: 'other' };

/** Names sort by the records that are in the files. */
export function segmentName(company: string, { firstSeq, lastSeq }: Pick<StoredSegment, 'firstSeq' | 'lastSeq'>): string {
  return `${prefixOf(company)}${padded(firstSeq)}-${padded(lastSeq)}.jsonl.gz`;
}

/** Of which records a file is by its name; null for other files, those of other companies included. */
export function parseSegmentName(company: string, name: string): Pick<StoredSegment, 'firstSeq' | 'lastSeq'> | null {
  const [first = '', last = ''] = name.startsWith(prefixOf(company)) ? name.slice(prefixOf(company).length).split('-') : [];
  const place = { firstSeq: Number(first), lastSeq: Number.parseInt(last, 10) };
  return segmentName(company, place) === name ? place : null;
}

export function headerLine({ company, firstSeq, lastSeq, prev, hash }: SegmentHeader): string {
  return `${JSON.stringify({ trunkline: kind, version, company, firstSeq, lastSeq, prev, hash })}\n`;
}

export function recordLine({ seq, prev, hash, bytes }: StoredRecord): string {
  return `{"seq":${seq},"prev":"${prev}","hash":"${hash}","record":${bytes}}\n`;
}

export function checkpointLine({ seq, head, time, keyId, signature }: StoredCheckpoint): string {
  return `${JSON.stringify({ checkpoint: { seq, head, time, keyId, signature } })}\n`;
}

const recordForm = /^\{"seq":(\d{1,15}),"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})","record":(\{.*\})\}$/su;

/** Without the line break. */
export function parseSegmentLine(line: string): SegmentLine {
  const [, seq, prev, hash, bytes] = recordForm.exec(line) ?? [];
  if (seq !== undefined && prev !== undefined && hash !== undefined && bytes !== undefined)
    return { kind: 'record', record: { seq: Number(seq), prev, hash, bytes } };
  const value = understood(line);
  if (!isObject(value)) return { kind: 'other' };
  if (isObject(value['checkpoint'])) {
    const checkpoint = checkpointOf(value['checkpoint']);
    return checkpoint === null ? { kind: 'other' } : { kind: 'checkpoint', checkpoint };
  }
  const { company, firstSeq, lastSeq, prev: before, hash: end } = value;
  const isHeader = value['trunkline'] === kind && value['version'] === version;
  if (!isHeader || typeof company !== 'string' || typeof before !== 'string' || typeof end !== 'string') return { kind: 'other' };
  if (typeof firstSeq !== 'number' || typeof lastSeq !== 'number') return { kind: 'other' };
  return { kind: 'header', header: { company, firstSeq, lastSeq, prev: before, hash: end } };
}

function checkpointOf(value: Readonly<Record<string, unknown>>): StoredCheckpoint | null {
  const { seq, head, time, keyId, signature } = value;
  if (typeof seq !== 'number' || typeof head !== 'string' || typeof time !== 'string') return null;
  if (typeof keyId !== 'string' || typeof signature !== 'string') return null;
  return { seq, head, time, keyId, signature };
}

function understood(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Two companies never share a prefix, not even where letters do not tell case apart. */
function prefixOf(company: string): string {
  const safe = company
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .slice(0, 60);
  const mark = safe === company ? '' : `-${createHash('sha256').update(company).digest('hex').slice(0, 8)}`;
  return `audit-${safe}${mark}-`;
}

function padded(seq: number): string {
  return String(seq).padStart(10, '0');
}
