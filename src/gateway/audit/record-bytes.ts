import { canonicalJson } from '../../base/index.ts';
import type { AuditFacts, AuditRecord } from './record.ts';

/** What the log adds to the facts. */
export type RecordPlace = Pick<AuditRecord, 'company' | 'seq' | 'id' | 'time' | 'monoMs'>;

/**
 * Prepares the bytes of a record as far as they are known before its place is, so that a transaction only fills in the rest. The
 * result is the canonical JSON of an {@link AuditRecord}. Throws a `TypeError` for facts that have none.
 */
export function draftBytes(facts: AuditFacts): (place: RecordPlace) => string {
  const member = (name: keyof AuditFacts) => `"${name}":${canonicalJson(facts[name])}`;
  const start = `{${member('callId')},${member('change')},"company":`;
  const middle = `${member('outcome')},${member('phase')},${member('sentence')},"seq":`;
  const end = `"v":1,${member('what')},${member('where')},${member('who')}}`;
  const decision = member('decision');
  return ({ company, seq, id, time, monoMs }) =>
    `${start}${canonicalJson(company)},${decision},"id":"${id}","monoMs":${monoMs},${middle}${seq},"time":"${time}",${end}`;
}

/** Stands outside of every text in a record: there its quotes would be escaped. */
const placeMembers = /"seq":(\d+),"time":"([0-9TZ:.+-]+)","v":1,"what":/;

/** The number that stands in the bytes of a record; 0 when there is none. */
export function writtenSeq(bytes: string): number {
  return Number(placeMembers.exec(bytes)?.[1] ?? 0);
}

/** The time that stands in the bytes of a record; null for bytes that are no record. */
export function writtenTime(bytes: string): string | null {
  return placeMembers.exec(bytes)?.[2] ?? null;
}
