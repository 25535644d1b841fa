// Open Cybersecurity Schema Framework 1.9, class API Activity (schema.ocsf.io/1.9.0/classes/api_activity), with the profiles for the
// decision (security_control) and for agents (ai_operation).
import type { Json } from '../../base/index.ts';
import type { AuditRecord } from './record.ts';

const activities = { read: 2, add: 1, change: 3, delete: 4, live: 99, egress: 99 } as const;
const activityNames: Readonly<Record<number, string>> = { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete', 99: 'Other' };

const actions = { allowed: 1, denied: 2, modified: 4, other: 99 } as const;
const dispositions = {
  allowed: 1,
  blocked: 2,
  dropped: 6,
  approved: 8,
  delayed: 14,
  logged: 17,
  challenge: 23,
  rejected: 25,
  unauthorized: 26,
  error: 27,
} as const;

type Control = { readonly action: keyof typeof actions; readonly disposition: keyof typeof dispositions };

export function ocsfEvent(
  record: AuditRecord,
  { hash, productVersion }: { readonly hash: string; readonly productVersion: string },
): object {
  const { company, seq, id, time, callId, phase, who, what, where, decision, outcome, sentence } = record;
  const activityId = activityOf(record);
  const { action, disposition } = controlOf(record);
  const person = who.operator ?? (who.agent === null ? null : who.owner);
  return without({
    activity_id: activityId,
    activity_name: activityNames[activityId],
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: 6003,
    class_name: 'API Activity',
    type_uid: 600_300 + activityId,
    severity_id: 1,
    severity: 'Informational',
    time: Date.parse(time),
    message: sentence,
    status_id: statusOf(record),
    status_code: decision?.code ?? outcome?.status,
    duration: outcome === null ? null : Math.round(outcome.durationMs.total),
    count: decision === null || decision.times === 1 ? null : decision.times,
    metadata: without({
      version: '1.9.0',
      product: { name: 'Trunkline', vendor_name: 'Trunkline', version: productVersion },
      profiles: ['security_control', 'ai_operation'],
      uid: id,
      original_event_uid: `${company}/${seq}`,
      correlation_uid: callId,
      sequence: seq,
      event_code: phase,
      log_name: 'audit',
      tenant_uid: company,
      original_time: time,
    }),
    actor: {
      user:
        who.agent === null
          ? without({ name: person ?? 'unknown', type_id: person === null ? 0 : 2, type: person === null ? 'Unknown' : 'Admin' })
          : { uid: who.agent.id, name: who.agent.name, type_id: 4, type: 'Service' },
    },
    ai_agent: who.agent === null ? null : without({ uid: who.agent.id, name: who.agent.name, type_id: 0 }),
    api: without({
      operation: what.capability ?? where.route ?? phase,
      service: { name: 'Aircall' },
      request: { uid: callId },
      response: outcome?.upstreamStatus == null ? null : { code: outcome.upstreamStatus },
      group: what.area === null ? null : { name: what.area },
    }),
    // Only the first part of the address is known.
    src_endpoint: { name: who.ip ?? (where.surface === 'cli' ? 'this machine' : 'unknown'), svc_name: where.surface },
    http_request:
      where.method === null
        ? null
        : without({ http_method: where.method, user_agent: who.client, url: where.route === null ? null : { path: where.route } }),
    action_id: actions[action],
    disposition_id: dispositions[disposition],
    policy:
      decision === null
        ? null
        : without({ uid: decision.rule.id, name: decision.rule.text, type: decision.rule.kind, version: decision.policyVersion }),
    authorizations: decision === null ? null : [{ decision: decision.effect }],
    unmapped: without({
      hash,
      surface: where.surface,
      rule: decision?.rule.id,
      rows_hidden: outcome?.rowsHidden,
      fields_masked: outcome?.fieldsMasked,
      approver: decision?.approver,
    }),
  });
}

function activityOf({ what, phase, change }: AuditRecord): number {
  if (what.effect !== null) return activities[what.effect];
  if (phase !== 'admin') return 99;
  return change === null ? activities.read : activities.change;
}

/** 1 success, 2 failure, 99 neither, as while a request is under way. */
function statusOf({ outcome, decision, phase }: AuditRecord): number {
  if (outcome !== null) return outcome.status === 'ok' || outcome.status === 'dry_run' || outcome.status === 'replayed' ? 1 : 2;
  if (phase === 'admin' || phase === 'system') return 1;
  return decision?.effect === 'allow' || decision?.effect === 'dry_run' ? 99 : 2;
}

/** Nothing that was not let through is ever called allowed. */
function controlOf({ phase, decision, outcome }: AuditRecord): Control {
  if (phase === 'auth') return { action: 'denied', disposition: 'unauthorized' };
  if (outcome !== null) return outcomeControl(outcome, decision);
  switch (decision?.effect) {
    case undefined:
      return { action: 'other', disposition: 'logged' };
    case 'allow':
      return { action: 'allowed', disposition: decision.approvalId === null ? 'allowed' : 'approved' };
    case 'dry_run':
      return { action: 'other', disposition: 'logged' };
    case 'needs_approval':
      return { action: 'denied', disposition: 'delayed' };
    case 'needs_confirm':
      return { action: 'denied', disposition: 'challenge' };
    case 'deny':
      return { action: 'denied', disposition: decision.code === 'invalid_request' ? 'rejected' : 'blocked' };
    case 'error':
      return { action: 'denied', disposition: 'error' };
  }
}

function outcomeControl(outcome: NonNullable<AuditRecord['outcome']>, decision: AuditRecord['decision']): Control {
  switch (outcome.status) {
    case 'ok':
    case 'replayed': {
      const changed = (outcome.rowsHidden ?? 0) > 0 || (outcome.fieldsMasked ?? 0) > 0;
      const disposition = decision?.approvalId == null ? 'allowed' : 'approved';
      return { action: changed ? 'modified' : 'allowed', disposition };
    }
    case 'hidden':
      return { action: 'denied', disposition: 'blocked' };
    case 'withheld':
      return { action: 'denied', disposition: 'dropped' };
    case 'budget_exhausted':
      return { action: 'denied', disposition: 'rejected' };
    case 'dry_run':
      return { action: 'other', disposition: 'logged' };
    case 'upstream_error':
    case 'timeout':
    case 'unknown':
      return { action: 'allowed', disposition: 'error' };
  }
}

/** Attributes without a value are left out. */
function without(attributes: Readonly<Record<string, Json | object | undefined>>): object {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined));
}
