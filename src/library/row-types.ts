// The rows of every declared table. Made from the declarations of the streams by row-types.test.ts; not edited by hand.
import type { ExactJson } from '../base/index.ts';

/** Columns of every row that stands for an object of Aircall. */
type OfObject = {
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** When the request that showed the row was sent. */
  readonly _observed_at: Date;
  /** When the last webhook changed it; null before. */
  readonly _event_at: Date | null;
  /** Since when it is gone at Aircall; null while it lives. */
  readonly _deleted_at: Date | null;
};

export type CompanyRow = OfObject & {
  /** Always 1: Aircall gives a company no id. */
  readonly id: bigint;
  /** The name of the company. */
  readonly name: string | null;
  /** How many users it has. */
  readonly users_count: number | null;
  /** How many numbers it has. */
  readonly numbers_count: number | null;
};

export type UsersRow = OfObject & {
  /** Identifies the user. */
  readonly id: bigint;
  /** First and last name in one. */
  readonly name: string | null;
  /** The e-mail address the user signs in with. */
  readonly email: string | null;
  /** Address of the user in the API. */
  readonly direct_link: string | null;
  /** Language of the app, as an IETF tag such as en-US. */
  readonly language: string | null;
  /** When the user was created. */
  readonly created_at: Date | null;
  /** IANA time zone of the working hours. */
  readonly time_zone: string | null;
  /** Mode of the working hours. */
  readonly state: string | null;
  /** Seconds of after-call work the user is given. */
  readonly wrap_up_time: number | null;
  /** Internal extension; leading zeros count. */
  readonly extension: string | null;
  /** Working-hours status. Not the presence: see `available`. */
  readonly availability_status: string | null;
  /** Whether the user can be reached right now: online and inside working hours. */
  readonly available: boolean | null;
  /** The number used for outbound calls unless the user picks another. */
  readonly default_number_id: bigint | null;
  /** Why the user is unavailable, or the mode of the working hours. */
  readonly substatus: string | null;
};

export type UserAvailabilityRow = OfObject & {
  /** What the user is doing right now. */
  readonly availability: string | null;
  /** The id of the user. */
  readonly id: bigint;
};

export type TeamsRow = OfObject & {
  /** Identifies the team. */
  readonly id: bigint;
  /** The name, unique in the company. */
  readonly name: string | null;
  /** Address of the team in the API. */
  readonly direct_link: string | null;
  /** When the team was created. */
  readonly created_at: Date | null;
};

export type TeamsUsersRow = {
  /** Key of the row of teams. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Identifies the user. */
  readonly id: bigint | null;
  /** Address of the user in the API. */
  readonly direct_link: string | null;
  /** First and last name in one. */
  readonly name: string | null;
  /** The e-mail address the user signs in with. */
  readonly email: string | null;
  /** Working-hours status. Not the presence: see `available`. */
  readonly availability_status: string | null;
  /** The number used for outbound calls unless the user picks another. */
  readonly default_number_id: bigint | null;
  /** When the user was created. */
  readonly created_at: Date | null;
  /** IANA time zone of the working hours. */
  readonly time_zone: string | null;
  /** Language of the app, as an IETF tag such as en-US. */
  readonly language: string | null;
  /** Seconds of after-call work the user is given. */
  readonly wrap_up_time: number | null;
};

export type NumbersRow = OfObject & {
  /** Identifies the number. */
  readonly id: bigint;
  /** The number in international display form, with spaces. */
  readonly digits: string | null;
  /** Address of the number in the API. */
  readonly direct_link: string | null;
  /** What the company calls the number. */
  readonly name: string | null;
  /** Country of the number, as two letters (ISO 3166-1). */
  readonly country: string | null;
  /** IANA time zone of the opening hours. */
  readonly time_zone: string | null;
  /** Whether the line is open, by the first time rule of its flow. */
  readonly availability_status: string | null;
  /** Whether the number has an interactive menu. May be stale. */
  readonly is_ivr: boolean | null;
  /** Whether calls on the number are recorded. */
  readonly live_recording_activated: boolean | null;
  /** 0 for the normal queue, 1 for the priority queue. */
  readonly priority: number | null;
  /** Music and messages of the number: addresses of audio files by occasion. */
  readonly messages: ExactJson;
  /** When the number was created. */
  readonly created_at: Date | null;
  /** Whether the line is open. Stale where a flow decides. */
  readonly open: boolean | null;
};

export type NumbersUsersRow = {
  /** Key of the row of numbers. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Identifies the user. */
  readonly id: bigint | null;
  /** Address of the user in the API. */
  readonly direct_link: string | null;
  /** First and last name in one. */
  readonly name: string | null;
  /** The e-mail address the user signs in with. */
  readonly email: string | null;
  /** Whether the user can be reached right now: online and inside working hours. */
  readonly available: boolean | null;
  /** Working-hours status. Not the presence: see `available`. */
  readonly availability_status: string | null;
  /** Language of the app, as an IETF tag such as en-US. */
  readonly language: string | null;
  /** Seconds of after-call work the user is given. */
  readonly wrap_up_time: number | null;
};

export type TagsRow = OfObject & {
  /** Identifies the tag. */
  readonly id: bigint;
  /** The name, unique in the company. */
  readonly name: string | null;
  /** The colour as #RRGGBB. */
  readonly color: string | null;
  /** The machine name of a tag that Aircall sets itself; null for all others. */
  readonly description: string | null;
};

export type WebhooksRow = OfObject & {
  /** The old id. Still accepted in paths. */
  readonly id: bigint | null;
  /** Address of the webhook in the API. */
  readonly direct_link: string | null;
  /** Where events are sent. */
  readonly url: string | null;
  /** False once Aircall or an admin switched it off. */
  readonly active: boolean | null;
  /** When the webhook was created. */
  readonly created_at: Date | null;
  /** Identifies the webhook, as a UUID. */
  readonly webhook_id: string;
  /** What the company calls it. Accepted on writes, rarely shown. */
  readonly custom_name: string | null;
};

export type WebhooksEventsRow = {
  /** Key of the row of webhooks. */
  readonly _parent_id: string;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** The name of an event. */
  readonly value: string | null;
};

export type ContactsRow = OfObject & {
  /** Identifies the contact. */
  readonly id: bigint;
  /** When the contact was created. */
  readonly created_at: Date | null;
  /** When the contact last changed. */
  readonly updated_at: Date | null;
  /** First name. */
  readonly first_name: string | null;
  /** Last name. */
  readonly last_name: string | null;
  /** Free text; the usual place for an id of another system. */
  readonly information: string | null;
  /** Company of the contact. */
  readonly company_name: string | null;
  /** Whether everyone in the company sees the contact; always true in the API. */
  readonly is_shared: boolean | null;
  /** Address of the contact in the API. */
  readonly direct_link: string | null;
};

export type ContactsPhoneNumbersRow = {
  /** Key of the row of contacts. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Identifies the phone number within the contact. */
  readonly id: bigint | null;
  /** What kind of phone number it is, such as Work. */
  readonly label: string | null;
  /** The phone number in E.164 form. */
  readonly value: string | null;
};

export type ContactsEmailsRow = {
  /** Key of the row of contacts. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Identifies the e-mail address within the contact. */
  readonly id: bigint | null;
  /** What kind of e-mail address it is, such as Office. */
  readonly label: string | null;
  /** The e-mail address. */
  readonly value: string | null;
};

export type CallsRow = OfObject & {
  /** Identifies the call. */
  readonly id: bigint;
  /** The id of the call at the telephony provider; `call_uuid` in webhook events. */
  readonly sid: string | null;
  /** Address of the call in the API. */
  readonly direct_link: string | null;
  /** Who called whom, seen from the company. */
  readonly direction: string | null;
  /** How far the call is. A missed call is `done` without `answered_at`. */
  readonly status: string | null;
  /** Why nobody answered; null for answered calls. */
  readonly missed_call_reason: string | null;
  /** When the call started. May move by a second after the end. */
  readonly started_at: Date | null;
  /** When it was answered; null when it never was. */
  readonly answered_at: Date | null;
  /** When it ended; null while it lasts. */
  readonly ended_at: Date | null;
  /** Seconds from start to end, ringing and menus included. 0 while the call lasts; recomputed after. */
  readonly duration: number | null;
  /** Whether the call was put away in the inbox. Archived calls are listed all the same. */
  readonly archived: boolean | null;
  /** Price in US cents, as decimal text. */
  readonly cost: string | null;
  /** Web page of the recording or voicemail, for people signed in to Aircall. Does not expire. */
  readonly asset: string | null;
  /** The other party in international display form, or `anonymous` when hidden. */
  readonly raw_digits: string | null;
  /** Identifies the user. */
  readonly user__id: bigint | null;
  /** Address of the user in the API. */
  readonly user__direct_link: string | null;
  /** First and last name in one. */
  readonly user__name: string | null;
  /** The e-mail address the user signs in with. */
  readonly user__email: string | null;
  /** Whether the user can be reached right now: online and inside working hours. */
  readonly user__available: boolean | null;
  /** Working-hours status. Not the presence: see `available`. */
  readonly user__availability_status: string | null;
  /** When the user was created. */
  readonly user__created_at: Date | null;
  /** IANA time zone of the working hours. */
  readonly user__time_zone: string | null;
  /** Language of the app, as an IETF tag such as en-US. */
  readonly user__language: string | null;
  /** Mode of the working hours. */
  readonly user__state: string | null;
  /** Seconds of after-call work the user is given. */
  readonly user__wrap_up_time: number | null;
  /** Internal extension; leading zeros count. */
  readonly user__extension: string | null;
  /** Identifies the contact. */
  readonly contact__id: bigint | null;
  /** First name. */
  readonly contact__first_name: string | null;
  /** Last name. */
  readonly contact__last_name: string | null;
  /** Company of the contact. */
  readonly contact__company_name: string | null;
  /** Identifies the user. */
  readonly assigned_to__id: bigint | null;
  /** Address of the user in the API. */
  readonly assigned_to__direct_link: string | null;
  /** First and last name in one. */
  readonly assigned_to__name: string | null;
  /** The e-mail address the user signs in with. */
  readonly assigned_to__email: string | null;
  /** Whether the user can be reached right now: online and inside working hours. */
  readonly assigned_to__available: boolean | null;
  /** Working-hours status. Not the presence: see `available`. */
  readonly assigned_to__availability_status: string | null;
  /** When the user was created. */
  readonly assigned_to__created_at: Date | null;
  /** IANA time zone of the working hours. */
  readonly assigned_to__time_zone: string | null;
  /** Language of the app, as an IETF tag such as en-US. */
  readonly assigned_to__language: string | null;
  /** Mode of the working hours. */
  readonly assigned_to__state: string | null;
  /** Seconds of after-call work the user is given. */
  readonly assigned_to__wrap_up_time: number | null;
  /** Internal extension; leading zeros count. */
  readonly assigned_to__extension: string | null;
  /** Identifies the user. */
  readonly transferred_by__id: bigint | null;
  /** Address of the user in the API. */
  readonly transferred_by__direct_link: string | null;
  /** First and last name in one. */
  readonly transferred_by__name: string | null;
  /** The e-mail address the user signs in with. */
  readonly transferred_by__email: string | null;
  /** Whether the user can be reached right now: online and inside working hours. */
  readonly transferred_by__available: boolean | null;
  /** Working-hours status. Not the presence: see `available`. */
  readonly transferred_by__availability_status: string | null;
  /** When the user was created. */
  readonly transferred_by__created_at: Date | null;
  /** IANA time zone of the working hours. */
  readonly transferred_by__time_zone: string | null;
  /** Language of the app, as an IETF tag such as en-US. */
  readonly transferred_by__language: string | null;
  /** Mode of the working hours. */
  readonly transferred_by__state: string | null;
  /** Seconds of after-call work the user is given. */
  readonly transferred_by__wrap_up_time: number | null;
  /** Internal extension; leading zeros count. */
  readonly transferred_by__extension: string | null;
  /** Identifies the user. */
  readonly transferred_to__id: bigint | null;
  /** Address of the user in the API. */
  readonly transferred_to__direct_link: string | null;
  /** First and last name in one. */
  readonly transferred_to__name: string | null;
  /** The e-mail address the user signs in with. */
  readonly transferred_to__email: string | null;
  /** Whether the user can be reached right now: online and inside working hours. */
  readonly transferred_to__available: boolean | null;
  /** Working-hours status. Not the presence: see `available`. */
  readonly transferred_to__availability_status: string | null;
  /** When the user was created. */
  readonly transferred_to__created_at: Date | null;
  /** IANA time zone of the working hours. */
  readonly transferred_to__time_zone: string | null;
  /** Language of the app, as an IETF tag such as en-US. */
  readonly transferred_to__language: string | null;
  /** Mode of the working hours. */
  readonly transferred_to__state: string | null;
  /** Seconds of after-call work the user is given. */
  readonly transferred_to__wrap_up_time: number | null;
  /** Internal extension; leading zeros count. */
  readonly transferred_to__extension: string | null;
  /** Identifies the number. */
  readonly number__id: bigint | null;
  /** Address of the number in the API. */
  readonly number__direct_link: string | null;
  /** What the company calls the number. */
  readonly number__name: string | null;
  /** The number in international display form, with spaces. */
  readonly number__digits: string | null;
  /** Country of the number, as two letters (ISO 3166-1). */
  readonly number__country: string | null;
  /** IANA time zone of the opening hours. */
  readonly number__time_zone: string | null;
  /** Whether the line is open. Stale where a flow decides. */
  readonly number__open: boolean | null;
  /** Whether the line is open, by the first time rule of its flow. */
  readonly number__availability_status: string | null;
  /** Whether the number has an interactive menu. May be stale. */
  readonly number__is_ivr: boolean | null;
  /** Whether calls on the number are recorded. */
  readonly number__live_recording_activated: boolean | null;
  /** 0 for the normal queue, 1 for the priority queue. */
  readonly number__priority: number | null;
  /** When the number was created. */
  readonly number__created_at: Date | null;
  /** Whether a flow decides what happens to calls on the number. */
  readonly number__flow_editor_enabled: boolean | null;
  /** Country of the other party, as two letters. */
  readonly country_code_a2: string | null;
  /** How the call is priced, such as in_bundle; known only some time after the end. */
  readonly pricing_type: string | null;
  /** True when a recording was seen, false when none was there a day after the end, else null. */
  readonly has_recording: boolean | null;
  /** True when a voicemail was seen, false when none was there a day after the end, else null. */
  readonly has_voicemail: boolean | null;
};

export type CallsCommentsRow = {
  /** Key of the row of calls. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Identifies the comment. */
  readonly id: bigint | null;
  /** What it says; emojis are stripped. */
  readonly content: string | null;
  /** When it was written. */
  readonly posted_at: Date | null;
  /** Identifies the user. */
  readonly posted_by__id: bigint | null;
  /** Address of the user in the API. */
  readonly posted_by__direct_link: string | null;
  /** First and last name in one. */
  readonly posted_by__name: string | null;
  /** The e-mail address the user signs in with. */
  readonly posted_by__email: string | null;
  /** Whether the user can be reached right now: online and inside working hours. */
  readonly posted_by__available: boolean | null;
  /** Working-hours status. Not the presence: see `available`. */
  readonly posted_by__availability_status: string | null;
  /** When the user was created. */
  readonly posted_by__created_at: Date | null;
  /** Mode of the working hours. */
  readonly posted_by__state: string | null;
  /** Seconds of after-call work the user is given. */
  readonly posted_by__wrap_up_time: number | null;
  /** Internal extension; leading zeros count. */
  readonly posted_by__extension: string | null;
};

export type CallsTeamsRow = {
  /** Key of the row of calls. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Identifies the team. */
  readonly id: bigint | null;
  /** The name, unique in the company. */
  readonly name: string | null;
  /** Address of the team in the API. */
  readonly direct_link: string | null;
  /** When the team was created. */
  readonly created_at: Date | null;
};

export type CallsTagsRow = {
  /** Key of the row of calls. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** The id of the tag. */
  readonly id: bigint | null;
  /** The name of the tag. */
  readonly name: string | null;
  /** When the call was tagged, as listings say it. */
  readonly created_at: Date | null;
  /** When the call was tagged, as webhook events say it. */
  readonly tagged_at: Date | null;
  /** Identifies the user. */
  readonly tagged_by__id: bigint | null;
  /** Address of the user in the API. */
  readonly tagged_by__direct_link: string | null;
  /** First and last name in one. */
  readonly tagged_by__name: string | null;
  /** The e-mail address the user signs in with. */
  readonly tagged_by__email: string | null;
  /** Whether the user can be reached right now: online and inside working hours. */
  readonly tagged_by__available: boolean | null;
  /** Working-hours status. Not the presence: see `available`. */
  readonly tagged_by__availability_status: string | null;
  /** Language of the app, as an IETF tag such as en-US. */
  readonly tagged_by__language: string | null;
  /** Seconds of after-call work the user is given. */
  readonly tagged_by__wrap_up_time: number | null;
};

export type CallsConferenceParticipantsRow = {
  /** Key of the row of calls. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Who takes part. */
  readonly type: string | null;
  /** The id of the user or contact. */
  readonly id: bigint | null;
  /** The name of the user or contact. */
  readonly name: string | null;
  /** The phone number of a participant who is not a user. */
  readonly phone_number: string | null;
};

export type CallsIvrOptionsSelectedRow = {
  /** Key of the row of calls. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Identifies the choice. */
  readonly id: string | null;
  /** What the choice is called. */
  readonly title: string | null;
  /** The digit pressed. */
  readonly key: string | null;
  /** The branch of the flow it leads to. */
  readonly branch: string | null;
  /** When the choice was recorded. */
  readonly created_at: Date | null;
  /** When the caller entered the branch. */
  readonly transition_started_at: Date | null;
  /** When the caller left the branch. */
  readonly transition_ended_at: Date | null;
};

export type CallsAiVoiceAgentsRow = {
  /** Key of the row of calls. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Identifies the AI voice agent. */
  readonly agent_id: string | null;
  /** The name of the AI voice agent. */
  readonly agent_name: string | null;
  /** When the agent took the call. */
  readonly started_at: Date | null;
  /** When the agent left the call. */
  readonly ended_at: Date | null;
  /** Why the agent left the call. */
  readonly end_reason: string | null;
  /** Why the agent passed the call on. */
  readonly escalation_reason: string | null;
  /** What kind of target. */
  readonly escalation_target__type: string | null;
  /** Which target. */
  readonly escalation_target__destination: string | null;
};

export type TranscriptionsRow = OfObject & {
  /** Identifies the record. */
  readonly id: bigint | null;
  /** The call it is about. */
  readonly call_id: bigint;
  /** The id of the call at the telephony provider. */
  readonly call_uuid: string | null;
  /** When the call was created. */
  readonly call_created_at: Date | null;
  /** Whether it is the talk or the voicemail. */
  readonly type: string | null;
  /** Language spoken, as an IETF tag. */
  readonly content__language: string | null;
  /** ready, pending (not made yet), none (never will be), not_in_plan. */
  readonly _status: string | null;
  /** How often Aircall was asked. */
  readonly _tries: number | null;
  /** When it is asked again; null when it is not. */
  readonly _next_try_at: Date | null;
  /** Whether the call had a recording when asked; when it is deleted, this goes with it. */
  readonly _had_recording: boolean | null;
};

export type TranscriptionsContentUtterancesRow = {
  /** Key of the row of transcriptions. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Seconds from the start of the call at which it begins. */
  readonly start_time: number | null;
  /** Seconds from the start of the call at which it ends. */
  readonly end_time: number | null;
  /** What was said. */
  readonly text: string | null;
  /** Who spoke. */
  readonly participant_type: string | null;
  /** The user who spoke. */
  readonly user_id: bigint | null;
  /** The phone number of an outsider who spoke. */
  readonly phone_number: string | null;
};

export type SummariesRow = OfObject & {
  /** Identifies the record. */
  readonly id: bigint | null;
  /** The call it is about. */
  readonly call_id: bigint;
  /** When it was made. */
  readonly created_at: Date | null;
  /** The summary. */
  readonly content: string | null;
  /** ready, pending (not made yet), none (never will be), not_in_plan. */
  readonly _status: string | null;
  /** How often Aircall was asked. */
  readonly _tries: number | null;
  /** When it is asked again; null when it is not. */
  readonly _next_try_at: Date | null;
  /** Whether the call had a recording when asked; when it is deleted, this goes with it. */
  readonly _had_recording: boolean | null;
};

export type TopicsRow = OfObject & {
  /** Identifies the record. */
  readonly id: bigint | null;
  /** The call it is about. */
  readonly call_id: bigint;
  /** When it was made. */
  readonly created_at: Date | null;
  /** ready, pending (not made yet), none (never will be), not_in_plan. */
  readonly _status: string | null;
  /** How often Aircall was asked. */
  readonly _tries: number | null;
  /** When it is asked again; null when it is not. */
  readonly _next_try_at: Date | null;
  /** Whether the call had a recording when asked; when it is deleted, this goes with it. */
  readonly _had_recording: boolean | null;
};

export type TopicsContentRow = {
  /** Key of the row of topics. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** A key word. */
  readonly value: string | null;
};

export type SentimentsRow = OfObject & {
  /** Identifies the record. */
  readonly id: bigint | null;
  /** The call it is about. */
  readonly call_id: bigint;
  /** ready, pending (not made yet), none (never will be), not_in_plan. */
  readonly _status: string | null;
  /** How often Aircall was asked. */
  readonly _tries: number | null;
  /** When it is asked again; null when it is not. */
  readonly _next_try_at: Date | null;
  /** Whether the call had a recording when asked; when it is deleted, this goes with it. */
  readonly _had_recording: boolean | null;
};

export type SentimentsParticipantsRow = {
  /** Key of the row of sentiments. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Which side. */
  readonly type: string | null;
  /** The user, on the inside. */
  readonly user_id: bigint | null;
  /** The phone number, on the outside. */
  readonly phone_number: string | null;
  /** How they felt. */
  readonly value: string | null;
};

export type ActionItemsRow = OfObject & {
  /** The call it is about. */
  readonly call_id: bigint;
  /** ready, pending (not made yet), none (never will be), not_in_plan. */
  readonly _status: string | null;
  /** How often Aircall was asked. */
  readonly _tries: number | null;
  /** When it is asked again; null when it is not. */
  readonly _next_try_at: Date | null;
  /** Whether the call had a recording when asked; when it is deleted, this goes with it. */
  readonly _had_recording: boolean | null;
};

export type ActionItemsActionItemsRow = {
  /** Key of the row of action_items. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Identifies the record. */
  readonly id: bigint | null;
  /** Whether the AI wrote it. */
  readonly ai_generated: boolean | null;
  /** What is to be done. */
  readonly content: string | null;
  /** When it was made. */
  readonly created_at: Date | null;
  /** The user who wrote it; null when the AI did. */
  readonly created_by: bigint | null;
  /** When it last changed. */
  readonly updated_at: Date | null;
  /** The user who last changed it. */
  readonly updated_by: bigint | null;
};

export type EvaluationsRow = OfObject & {
  /** Identifies the record. */
  readonly id: bigint | null;
  /** The call it is about. */
  readonly call_id: bigint;
  /** Whether the AI scored it. */
  readonly ai_generated: boolean | null;
  /** ready, pending (not made yet), none (never will be), not_in_plan. */
  readonly _status: string | null;
  /** How often Aircall was asked. */
  readonly _tries: number | null;
  /** When it is asked again; null when it is not. */
  readonly _next_try_at: Date | null;
  /** Whether the call had a recording when asked; when it is deleted, this goes with it. */
  readonly _had_recording: boolean | null;
};

export type EvaluationsEvaluationsRow = {
  /** Key of the row of evaluations. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** Its name. */
  readonly scorecard__name: string | null;
  /** The score on a common scale. */
  readonly score__normalized_score: number | null;
  /** When it was made. */
  readonly created_at: Date | null;
};

export type PlaybookResultsRow = OfObject & {
  /** Identifies the record. */
  readonly id: bigint | null;
  /** The call it is about. */
  readonly call_id: bigint;
  /** The user judged. */
  readonly user_id: bigint | null;
  /** The number of the call. */
  readonly number_id: bigint | null;
  /** How closely. */
  readonly adherence_score: number | null;
  /** Identifies the playbook. */
  readonly playbook__id: bigint | null;
  /** Its name. */
  readonly playbook__name: string | null;
  /** Its language, as an IETF tag. */
  readonly playbook__language: string | null;
  /** ready, pending (not made yet), none (never will be), not_in_plan. */
  readonly _status: string | null;
  /** How often Aircall was asked. */
  readonly _tries: number | null;
  /** When it is asked again; null when it is not. */
  readonly _next_try_at: Date | null;
  /** Whether the call had a recording when asked; when it is deleted, this goes with it. */
  readonly _had_recording: boolean | null;
};

export type PlaybookResultsPlaybookResultTopicsRow = {
  /** Key of the row of playbook_results. */
  readonly _parent_id: bigint;
  /** Position in the list, from 0. */
  readonly _index: number;
  /** The package that wrote the row last. */
  readonly _load_id: string;
  /** The topic. */
  readonly name: string | null;
  /** What became of it. */
  readonly result: ExactJson;
};

/** The row of every table by its name, and of the views that show only what is not gone. */
export type Rows = {
  readonly company: CompanyRow;
  readonly live_company: CompanyRow;
  readonly users: UsersRow;
  readonly live_users: UsersRow;
  readonly user_availability: UserAvailabilityRow;
  readonly live_user_availability: UserAvailabilityRow;
  readonly teams: TeamsRow;
  readonly live_teams: TeamsRow;
  readonly teams__users: TeamsUsersRow;
  readonly live_teams__users: TeamsUsersRow;
  readonly numbers: NumbersRow;
  readonly live_numbers: NumbersRow;
  readonly numbers__users: NumbersUsersRow;
  readonly live_numbers__users: NumbersUsersRow;
  readonly tags: TagsRow;
  readonly live_tags: TagsRow;
  readonly webhooks: WebhooksRow;
  readonly live_webhooks: WebhooksRow;
  readonly webhooks__events: WebhooksEventsRow;
  readonly live_webhooks__events: WebhooksEventsRow;
  readonly contacts: ContactsRow;
  readonly live_contacts: ContactsRow;
  readonly contacts__phone_numbers: ContactsPhoneNumbersRow;
  readonly live_contacts__phone_numbers: ContactsPhoneNumbersRow;
  readonly contacts__emails: ContactsEmailsRow;
  readonly live_contacts__emails: ContactsEmailsRow;
  readonly calls: CallsRow;
  readonly live_calls: CallsRow;
  readonly calls__comments: CallsCommentsRow;
  readonly live_calls__comments: CallsCommentsRow;
  readonly calls__teams: CallsTeamsRow;
  readonly live_calls__teams: CallsTeamsRow;
  readonly calls__tags: CallsTagsRow;
  readonly live_calls__tags: CallsTagsRow;
  readonly calls__conference_participants: CallsConferenceParticipantsRow;
  readonly live_calls__conference_participants: CallsConferenceParticipantsRow;
  readonly calls__ivr_options_selected: CallsIvrOptionsSelectedRow;
  readonly live_calls__ivr_options_selected: CallsIvrOptionsSelectedRow;
  readonly calls__ai_voice_agents: CallsAiVoiceAgentsRow;
  readonly live_calls__ai_voice_agents: CallsAiVoiceAgentsRow;
  readonly transcriptions: TranscriptionsRow;
  readonly live_transcriptions: TranscriptionsRow;
  readonly transcriptions__content__utterances: TranscriptionsContentUtterancesRow;
  readonly live_transcriptions__content__utterances: TranscriptionsContentUtterancesRow;
  readonly summaries: SummariesRow;
  readonly live_summaries: SummariesRow;
  readonly topics: TopicsRow;
  readonly live_topics: TopicsRow;
  readonly topics__content: TopicsContentRow;
  readonly live_topics__content: TopicsContentRow;
  readonly sentiments: SentimentsRow;
  readonly live_sentiments: SentimentsRow;
  readonly sentiments__participants: SentimentsParticipantsRow;
  readonly live_sentiments__participants: SentimentsParticipantsRow;
  readonly action_items: ActionItemsRow;
  readonly live_action_items: ActionItemsRow;
  readonly action_items__action_items: ActionItemsActionItemsRow;
  readonly live_action_items__action_items: ActionItemsActionItemsRow;
  readonly evaluations: EvaluationsRow;
  readonly live_evaluations: EvaluationsRow;
  readonly evaluations__evaluations: EvaluationsEvaluationsRow;
  readonly live_evaluations__evaluations: EvaluationsEvaluationsRow;
  readonly playbook_results: PlaybookResultsRow;
  readonly live_playbook_results: PlaybookResultsRow;
  readonly playbook_results__playbook_result_topics: PlaybookResultsPlaybookResultTopicsRow;
  readonly live_playbook_results__playbook_result_topics: PlaybookResultsPlaybookResultTopicsRow;
};
