// aircall/: what Aircall's public API is, written once as data. In: nothing. Out: descriptions of fields, endpoints,
// events and limits, and the types that follow from them. Never: requests, files, state.
export { field, textForms } from './field.ts';
export type {
  Entity,
  EntityOf,
  Field,
  FieldClass,
  Fields,
  Id,
  JsonField,
  ListField,
  MomentWire,
  ObjectField,
  RecordOf,
  ScalarField,
  TextForm,
  ValueOf,
} from './field.ts';
export { effects, areas } from './endpoint.ts';
export type {
  AgentUse,
  Answer,
  Area,
  Effect,
  Endpoint,
  Method,
  PagePagination,
  Pagination,
  Parameter,
  Parameters,
  Refusal,
  TimeFilter,
  TokenPagination,
} from './endpoint.ts';

export { api, endpoints } from './api.ts';
/** @public Told in the documentation. */
export { legacy } from './api.ts';
export type { Api } from './api.ts';
export { credentials } from './credentials.ts';
export { beyondCapMessage, exchangeIdHeaders, meaningOf, parseErrorBody } from './errors.ts';
export type { ErrorFamily, ParsedError, RefusalMeaning } from './errors.ts';
export { events, unconfirmedEvents } from './events.ts';
export type { EventResource, Payload, WebhookEvent } from './events.ts';
export { historyStartMs, limits, parseRateHeaders } from './limits.ts';
export type { RateFacts } from './limits.ts';
export { assumedSwitches, flippedSwitches, switches, switchNames } from './switches.ts';
export type { Switch, SwitchName, SwitchSettings, SwitchTopic } from './switches.ts';

// Entities that others build upon. Those of single answers are found at their endpoint: `api.ping.check.answer.of`.
export { call } from './resources/calls.ts';
export { company } from './resources/company.ts';
export { contact } from './resources/contacts.ts';
export { actionItems, callEvaluations, playbookResult, sentiment, summary, topics, transcription } from './resources/conversation.ts';
/** @public For receivers of webhooks. */
export { delivery, messageCallback } from './resources/event-payloads.ts';
/** @public Told in the documentation. */
export { pageMeta, pageMetaWithoutLinks } from './resources/lists.ts';
export { numberMessages } from './resources/number-fields.ts';
export { number } from './resources/numbers.ts';
export { systemTags, tag } from './resources/tags.ts';
export { team } from './resources/teams.ts';
export { presences, user, userAvailability } from './resources/users.ts';
/** @public For whoever acts as Aircall. */
export { newUserDefaults } from './resources/users.ts';
export { webhook } from './resources/webhooks.ts';

// The records that the client gives, as types.
export type { OutboundAiCall } from './resources/ai-voice.ts';
export type { ReportExport } from './resources/analytics.ts';
export type { Call, Comment } from './resources/calls.ts';
export type { Company } from './resources/company.ts';
export type { Contact, EmailDetail, PhoneDetail } from './resources/contacts.ts';
export type {
  ActionItems,
  CallEvaluations,
  CustomSummaryResult,
  PlaybookResult,
  PredictedCsat,
  RealtimeTranscription,
  Sentiment,
  Summary,
  Topics,
  Transcription,
} from './resources/conversation.ts';
export type { CampaignNumber, DialerCampaign } from './resources/dialer.ts';
export type { Integration } from './resources/integrations.ts';
export type { GroupMessage, Message, MessagingConfiguration, SmsTemplate, WhatsappStatus, WhatsappTemplate } from './resources/messages.ts';
export type { PhoneNumber, RegistrationStatus } from './resources/numbers.ts';
export type { OauthToken } from './resources/oauth.ts';
export type { Pong } from './resources/ping.ts';
export type { Tag } from './resources/tags.ts';
export type { Team } from './resources/teams.ts';
export type { NumberOfUser, Presence, User, UserAvailability, UserV1 } from './resources/users.ts';
export type { Webhook } from './resources/webhooks.ts';
