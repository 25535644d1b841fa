// The log in the words of other programs. Everything here is a function of the record alone.
import type { StoredRecord } from '../../store/index.ts';
import { csvHeader, csvLine } from './export-csv.ts';
import { ocsfEvent } from './export-ocsf.ts';
import type { AuditRecord } from './record.ts';

export const exportFormats = ['jsonl', 'csv', 'ocsf', 'cloudevents'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What comes before the first record. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? csvHeader : '';
}

/** One line for one record, with its line break. `productVersion` is Trunkline's own. */
export function exportLine(format: ExportFormat, stored: StoredRecord, productVersion: string): string {
  const { bytes, prev, hash } = stored;
  // Hash and link first, the rest exactly as it was hashed: hash = HMAC-SHA256(key, prev ‖ “{” and what follows the link).
  if (format === 'jsonl') return `{"hash":"${hash}","prev":"${prev}",${bytes.slice(1)}\n`;
  const record = parseRecord(stored);
  if (format === 'csv') return csvLine(record, hash);
  if (format === 'ocsf') return `${JSON.stringify(ocsfEvent(record, { hash, productVersion }))}\n`;
  return `${JSON.stringify(cloudEvent(record, stored))}\n`;
}

/** The record inside the bytes. What the log wrote is what its type says; `verify` tells where somebody else has written. */
export function parseRecord({ bytes }: Pick<StoredRecord, 'bytes'>): AuditRecord {
  return JSON.parse(bytes) as AuditRecord;
}

/** github.com/cloudevents/spec, version 1.0.2, with its extension “sequence”. */
function cloudEvent(record: AuditRecord, { prev, hash }: StoredRecord): object {
  const { company, id, phase, time, seq, callId } = record;
  return {
    specversion: '1.0',
    id,
    source: `/trunkline/${encodeURIComponent(company)}/audit`,
    type: `trunkline.audit.${phase}.v1`,
    subject: callId,
    time,
    // Of one width, so that they sort as text.
    sequence: String(seq).padStart(16, '0'),
    datacontenttype: 'application/json',
    data: { ...record, prev, hash },
  };
}
