// What the simulated company is made of. States are plain immutable values: a change replaces the whole value, so
// that texts made from it can be cached by identity. Ids are numbers, moments UNIX seconds.

/** Fields laid over a record's JSON as they stand, whatever Aircall documents: what drift looks like from outside. */
export type Overrides = Readonly<Record<string, unknown>>;

export type UserState = {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly language: string;
  readonly createdAt: number;
  readonly timeZone: string;
  readonly state: string;
  readonly wrapUpTime: number;
  readonly extension: string | null;
  readonly availabilityStatus: string;
  /** Presence: `available`, `offline`, `do_not_disturb`, `in_call`, `after_call_work`. */
  readonly availability: string;
  readonly defaultNumberId: number | null;
  readonly substatus: string;
  readonly overrides?: Overrides | undefined;
};

export type TeamState = {
  readonly id: number;
  readonly name: string;
  readonly createdAt: number;
  readonly userIds: readonly number[];
  readonly overrides?: Overrides | undefined;
};

export type NumberState = {
  readonly id: number;
  readonly name: string;
  readonly digits: string;
  readonly e164: string;
  readonly country: string;
  readonly timeZone: string;
  readonly availabilityStatus: string;
  readonly isIvr: boolean;
  readonly recordsCalls: boolean;
  readonly priority: number | null;
  readonly messages: Readonly<Record<string, string | null>>;
  readonly createdAt: number;
  readonly open: boolean;
  readonly flowEditorEnabled: boolean;
  readonly userIds: readonly number[];
  readonly teamIds: readonly number[];
  readonly overrides?: Overrides | undefined;
};

export type TagState = {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly createdAt: number;
  /** The machine name of a system tag; null on every other. */
  readonly description: string | null;
  readonly overrides?: Overrides | undefined;
};

export type ContactDetail = { readonly id: number; readonly label: string; readonly value: string };

export type ContactState = {
  readonly id: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly information: string | null;
  readonly companyName: string | null;
  readonly phoneNumbers: readonly ContactDetail[];
  readonly emails: readonly ContactDetail[];
  readonly overrides?: Overrides | undefined;
};

export type WebhookState = {
  readonly webhookId: string;
  readonly id: number;
  readonly url: string;
  readonly active: boolean;
  readonly events: readonly string[];
  readonly token: string;
  /** Milliseconds: webhooks are the only resource with real ones. */
  readonly createdAtMs: number;
  readonly customName: string;
  /** The OAuth integration that made it, or null for the company's own. */
  readonly madeByIntegration: boolean;
  readonly overrides?: Overrides | undefined;
};

export type CommentState = { readonly id: number; readonly content: string; readonly postedAt: number; readonly postedBy: number | null };

/** `taggedBy` is null for what the system tagged, which travels as `{}`. */
export type CallTagState = { readonly id: number; readonly createdAt: number; readonly taggedBy: number | null };

export type ParticipantState =
  | { readonly type: 'user'; readonly id: number; readonly name: string }
  | { readonly type: 'contact'; readonly id: number; readonly name: string; readonly phoneNumber: string }
  | { readonly type: 'external'; readonly phoneNumber: string };

export type IvrOptionState = {
  readonly id: number;
  readonly title: string;
  readonly key: string;
  readonly branch: string;
  readonly at: number;
};

export type AiVoiceAgentState = {
  readonly agentId: string;
  readonly agentName: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly endReason: string;
  readonly escalationReason: string | null;
  readonly escalationTarget: { readonly type: string; readonly destination: string } | null;
};

export type CallStatus = 'initial' | 'answered' | 'done';

export type CallState = {
  readonly slot: number;
  readonly id: number;
  readonly sid: string;
  readonly direction: 'inbound' | 'outbound';
  readonly status: CallStatus;
  readonly missedCallReason: string | null;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly duration: number;
  readonly archived: boolean;
  readonly cost: string | null;
  readonly pricingType: string | null;
  readonly hasRecording: boolean;
  readonly hasVoicemail: boolean;
  /** The external party in E.164, or null when it is withheld. */
  readonly externalNumber: string | null;
  readonly country: string | null;
  readonly contactId: number | null;
  readonly userId: number | null;
  readonly assignedTo: number | null;
  readonly transferredBy: number | null;
  readonly transferredTo: number | null;
  readonly numberId: number | null;
  readonly teamIds: readonly number[];
  readonly comments: readonly CommentState[];
  readonly tags: readonly CallTagState[];
  readonly participants: readonly ParticipantState[] | null;
  readonly ivrOptions: readonly IvrOptionState[];
  readonly aiVoiceAgents: readonly AiVoiceAgentState[];
  readonly overrides?: Overrides | undefined;
};
