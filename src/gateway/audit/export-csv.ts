import type { AuditRecord } from './record.ts';

type Cell = string | number | boolean | null | undefined;

const columns: Readonly<Record<string, (record: AuditRecord, hash: string) => Cell>> = {
  seq: ({ seq }) => seq,
  time: ({ time }) => time,
  id: ({ id }) => id,
  call_id: ({ callId }) => callId,
  phase: ({ phase }) => phase,
  agent_id: ({ who }) => who.agent?.id,
  agent_name: ({ who }) => who.agent?.name,
  key_id: ({ who }) => who.keyId,
  owner: ({ who }) => who.owner,
  operator: ({ who }) => who.operator,
  client: ({ who }) => who.client,
  ip: ({ who }) => who.ip,
  surface: ({ where }) => where.surface,
  method: ({ where }) => where.method,
  route: ({ where }) => where.route,
  tool: ({ where }) => where.tool,
  trace_id: ({ where }) => where.traceId,
  capability: ({ what }) => what.capability,
  area: ({ what }) => what.area,
  effect: ({ what }) => what.effect,
  arguments: ({ what }) => (what.arguments === null ? null : JSON.stringify(what.arguments)),
  arguments_digest: ({ what }) => what.argumentsDigest,
  decision: ({ decision }) => decision?.effect,
  code: ({ decision }) => decision?.code,
  rule_id: ({ decision }) => decision?.rule.id,
  rule_kind: ({ decision }) => decision?.rule.kind,
  rule: ({ decision }) => decision?.rule.text,
  policy_version: ({ decision }) => decision?.policyVersion,
  approval_id: ({ decision }) => decision?.approvalId,
  approver: ({ decision }) => decision?.approver,
  confirmed: ({ decision }) => decision?.confirmed,
  times: ({ decision }) => decision?.times,
  status: ({ outcome }) => outcome?.status,
  upstream_status: ({ outcome }) => outcome?.upstreamStatus,
  rows_returned: ({ outcome }) => outcome?.rowsReturned,
  rows_hidden: ({ outcome }) => outcome?.rowsHidden,
  fields_masked: ({ outcome }) => outcome?.fieldsMasked,
  text_given: ({ outcome }) => outcome?.textGiven,
  source: ({ outcome }) => outcome?.source,
  requests: ({ outcome }) => outcome?.requests,
  duration_ms: ({ outcome }) => outcome?.durationMs.total,
  sentence: ({ sentence }) => sentence,
  change: ({ change }) => (change === null ? null : JSON.stringify(change)),
  hash: (_record, hash) => hash,
};

export const csvHeader = `${Object.keys(columns).join(',')}\r\n`;

/** RFC 4180. */
export function csvLine(record: AuditRecord, hash: string): string {
  return `${Object.values(columns)
    .map((column) => cellOf(column(record, hash)))
    .join(',')}\r\n`;
}

/** Spreadsheets take what begins so for a formula (owasp.org/www-community/attacks/CSV_Injection), the wide forms too. */
const formula = /^\s*[=+\-@\t\r\n＝＋－＠|%]/u;

function cellOf(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const harmless = formula.test(value) ? `'${value}` : value;
  return /^[\w.:/-]*$/.test(harmless) ? harmless : `"${harmless.replaceAll('"', '""')}"`;
}
