// gateway/: the door for agents. In: requests of agents, from REST or MCP. Out: Aircall's answers, filtered as the agent's
// grants say, or a refusal with its reason; one verifiable line in the log for each. Never: a request to Aircall without a
// decision and a durable record before it, an agent's header or path passed on, a secret in an answer or a log.
export { createGateway } from './flow/gateway.ts';
export type { GatewayNote, GatewaySettings } from './flow/context.ts';
export type { OpenGateway } from './flow/gateway.ts';
export type { Gateway, GatewayCall, GatewayReply } from './flow/call.ts';
export type { AuditLog, BoundRequest, Friction, GatewayParts } from './flow/parts.ts';
export { createUpstream } from './flow/upstream.ts';
export { createFilter } from './filter/filter.ts';
export { createRestHandler, restServerOptions } from './rest/rest.ts';
export type { RestHandler, RestOptions } from './rest/rest.ts';
export { createWireErrorHandler } from './rest/wire-error.ts';
export type { WireErrorHandler } from './rest/wire-error.ts';
export type { CallArguments } from './policy/decision.ts';
export { AgentDesk, DangerousCombination, newAgentId } from './agents/desk.ts';
export type { Changed, DeskParts, KeyTerms, NewKey } from './agents/desk.ts';
export { parseAddresses } from './agents/addresses.ts';
export type { KeyEnvironment } from './agents/agent-key.ts';
export {
  addGuardrail,
  draftOf,
  dropGuardrail,
  dropRule,
  replacePolicy,
  setConstraint,
  setField,
  setLevels,
  setRule,
  setStatus,
  setSubjects,
  setBudget,
  setText,
  setWebhookHosts,
} from './agents/edits.ts';
export type { Edited } from './agents/edits.ts';
export { ClockWatch, refuseWhileBehind } from './agents/clock-watch.ts';
export { openKeyBook } from './agents/key-book.ts';
export { acceptTokens } from './agents/token-book.ts';
export type { TokenAlgorithm, TokenBookParts, TokenTerms } from './agents/token-book.ts';
export { PolicyStore } from './agents/policy-store.ts';
export { systemRecord } from './flow/record.ts';
export { isAuditUnavailable } from './audit/errors.ts';
export { checkpointText, parseCheckpoint } from './audit/checkpoint-text.ts';
export { exportFormats, exportHead, exportLine, parseRecord } from './audit/export.ts';
export type { ExportFormat } from './audit/export.ts';
export { openAuditLog } from './audit/log.ts';
export { lookFacts } from './audit/look.ts';
export { followRecords, searchRecords } from './audit/search.ts';
export { archiveRecords, keptSince } from './audit/archive.ts';
export type { Archived, ArchiveStep } from './audit/archive.ts';
export { searchWholeLog } from './audit/search-archive.ts';
export { verifyAuditLog } from './audit/verify.ts';
export { verifyWholeLog } from './audit/verify-archive.ts';
export type { Verification } from './audit/verify.ts';
export { hashForSearch } from './filter/redact.ts';
export type { AuditLogOptions, OpenAuditLog } from './audit/log.ts';
export type { AuditFacts, AuditRecord } from './audit/record.ts';
export { isSealed, kekIdOf, openEnvelope, rewrapEnvelope, sealEnvelope } from './secrets/envelope.ts';
export type { Envelope } from './secrets/envelope.ts';
export { makeGatewayKeys } from './secrets/gateway-keys.ts';
export type { GatewayKeys } from './secrets/gateway-keys.ts';
export { kekMissing, openKeyring } from './secrets/keyring.ts';
export type { KeyFile, OpenKeyring } from './secrets/keyring.ts';
export { Secret } from './secrets/secret.ts';
export { capabilityOf } from './capabilities/capabilities.ts';
export { createApprovals } from './friction/approvals.ts';
export type { Approval, ApprovalParts, Approvals, DecideOptions, Decided, Verdict } from './friction/approvals.ts';
export { createFriction } from './friction/friction.ts';
export type { FrictionParts } from './friction/friction.ts';
export type { FrictionKeys } from './friction/keys.ts';
export { longestReason, readReason, recordDecision } from './friction/record-decision.ts';
export type { DecisionParts, RecordedDecision } from './friction/record-decision.ts';
export type { ShownArgument, ShownRequest } from './friction/shown.ts';
export { capabilities } from './capabilities/capabilities.ts';
export { fieldTreatments, levels } from './policy/types.ts';
export type { Agent, Constraint, FieldRule, FieldTreatment, GrantArea, Level, Policy } from './policy/types.ts';
export { areaNames, classNames, grantAreas, levelNames, listed, ruledClasses, treatmentNames } from './policy/words.ts';
export { normaliseHost } from './policy/address.ts';
export { decide, judge } from './policy/decide.ts';
export { toCedar } from './policy/cedar.ts';
export { accessOf } from './policy/access.ts';
export { limitsText } from './policy/limit-words.ts';
export { diffPolicies } from './policy/diff.ts';
export type { Change } from './policy/diff.ts';
export { applyPolicyFile, parsePolicyFile, policyFileName, writePolicyFile } from './policy/file.ts';
export { isAgentName, isPersonName, nameKey } from './policy/names.ts';
export { matrix } from './policy/matrix.ts';
export type { MatrixRow } from './policy/matrix.ts';
export { replay } from './policy/replay.ts';
export type { Flip, Replay } from './policy/replay.ts';
export { unused } from './policy/unused.ts';
export type { Unused } from './policy/unused.ts';
export type { Decision, DecisionRequest } from './policy/decision.ts';
export { factsOf } from './capabilities/facts.ts';
export type { CapabilityFacts } from './capabilities/facts.ts';
export { argumentsSchema } from './capabilities/schema.ts';
export { createMediaDoor } from './media/open-media.ts';
export type { FetchMedia, MediaFile, MediaReply, MediaRequest } from './media/open-media.ts';
export { createMediaLinks, aircallMediaHosts } from './filter/media-links.ts';
export { readHeaders } from './rest/headers.ts';
export { observeGateway, observeParts } from './telemetry/observe.ts';
export type { Telemetry } from './telemetry/observe.ts';
export { startOtlp } from './telemetry/otlp.ts';
export type { OtlpExport, OtlpOptions } from './telemetry/otlp.ts';
export { createTelemetry } from './telemetry/telemetry.ts';
export type { OpenTelemetry } from './telemetry/telemetry.ts';
export { makePolicy } from './policy/policy.ts';
export type { PolicyParts } from './policy/policy.ts';
export { parseArguments } from './capabilities/arguments.ts';
export type { Capability } from './capabilities/capability.ts';
export { serveStdio } from './mcp/stdio.ts';
export { tryKey } from './mcp/try-key.ts';
export { createMcpSurface } from './mcp/surface.ts';
export type { McpOptions, McpSurface } from './mcp/surface.ts';
export { createLogins, sessionMs } from './people/login.ts';
export type { LoginParts, LoginResult, Logins, Session } from './people/login.ts';
export { shortestPassword, strongCost } from './people/password.ts';
export type { PasswordCost, PasswordWork } from './people/password.ts';
export { PeopleDesk } from './people/people-desk.ts';
export type { Doer, PeopleDeskParts, PersonAdmitted, PersonChanged } from './people/people-desk.ts';
export { mayDecideAbout, tellAreas } from './people/person.ts';
export type { ApproverAreas, Person } from './people/person.ts';
