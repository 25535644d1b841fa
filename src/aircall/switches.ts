// What nobody outside Aircall knows for sure: the documentation is silent, or its sources contradict each other. Each
// such question is a switch with its possible answers, one of which is assumed. The simulator behaves as the switches
// are set, and the tests hold with every one of them flipped: nothing here may be relied upon.

export type Switch = {
  readonly about: SwitchTopic;
  readonly question: string;
  /** The possible answers and what each means. */
  readonly answers: Readonly<Record<string, string>>;
  readonly assumed: string;
};

export const switchTopics = [
  'credentials',
  'rate',
  'lists',
  'history',
  'errors',
  'users',
  'calls',
  'contacts',
  'other records',
  'writes',
  'events',
  'delivery',
] as const;
export type SwitchTopic = (typeof switchTopics)[number];

export const switches = {
  // ---- credentials
  wrongKeyAnswer: open({
    about: 'credentials',
    question: 'How is a wrong Basic key answered?',
    answers: { edge403: '403 {"message":"Forbidden"}.', application401: '401 {"error":"Unauthorized","troubleshoot":"…"}.' },
    assumed: 'edge403',
  }),
  revokedTokenAnswer: open({
    about: 'credentials',
    question: 'How is an invalid or revoked Bearer token answered?',
    answers: {
      edge403: '403 {"message":"Forbidden"}.',
      edge401: '401 {"message":"Unauthorized"}.',
      application403: '403 {"error":"Forbidden","troubleshoot":"…"}, just like a product that is not in the plan.',
    },
    assumed: 'edge403',
  }),
  oauthErrorBody: open({
    about: 'credentials',
    question: 'What does a refused code exchange say?',
    answers: {
      oauth: '{"error":"invalid_grant","error_description":"…"}, or invalid_client.',
      application: '{"error":"Bad Request","troubleshoot":"…"}.',
    },
    assumed: 'oauth',
  }),
  oauthCodeLife: open({
    about: 'credentials',
    question: 'How long does an authorisation code work?',
    answers: { tenMinutes: 'Ten minutes, once.', oneMinute: 'One minute, once.' },
    assumed: 'tenMinutes',
  }),
  oauthTokenTime: open({
    about: 'credentials',
    question: 'Does the token answer say when the token was issued?',
    answers: { absent: 'No `created_at`.', present: '`created_at` in UNIX seconds.' },
    assumed: 'absent',
  }),
  oauthConsentRefused: open({
    about: 'credentials',
    question: 'What is the `error` of the redirect when the admin refuses?',
    answers: { access_denied: 'access_denied, as the standard has it.', unauthorized: 'unauthorized.' },
    assumed: 'access_denied',
  }),

  // ---- rate
  rateQuota: open({
    about: 'rate',
    question: 'How many requests a minute does a company have?',
    answers: { hundredTwenty: '120, as documented.', sixty: '60, as older pages say.' },
    assumed: 'hundredTwenty',
  }),
  rateWindow: open({
    about: 'rate',
    question: 'What is the minute?',
    answers: { fixed: 'A fixed window that opens with the first request.', sliding: 'The last 60 seconds, at any moment.' },
    assumed: 'fixed',
  }),
  rateHeaders: open({
    about: 'rate',
    question: 'When are the rate headers sent?',
    answers: { atTheLimit: 'Once the limit is reached.', always: 'With every answer.', never: 'Never.' },
    assumed: 'atTheLimit',
  }),
  rateResetUnit: open({
    about: 'rate',
    question: 'What does the reset header hold?',
    answers: { unixSeconds: 'UNIX seconds.', unixMilliseconds: 'UNIX milliseconds.', secondsLeft: 'Seconds until the reset.' },
    assumed: 'unixSeconds',
  }),
  rateBlock: open({
    about: 'rate',
    question: 'How long is access blocked once the limit is passed?',
    answers: { untilReset: 'Until the window ends.', sixtySeconds: 'For 60 seconds from the refusal.' },
    assumed: 'untilReset',
  }),
  rateCounting: open({
    about: 'rate',
    question: 'Which requests count?',
    answers: { all: 'All of them, refused ones and pings too.', successful: 'Only those answered with 2xx.' },
    assumed: 'all',
  }),
  retryAfterHeader: open({
    about: 'rate',
    question: 'Does a 429 carry Retry-After?',
    answers: { absent: 'No.', seconds: 'Yes, in seconds.', date: 'Yes, as an HTTP date.' },
    assumed: 'absent',
  }),
  tooManyRequestsBody: open({
    about: 'rate',
    question: 'What is the body of a 429?',
    answers: { application: '{"error":"Too Many Requests","troubleshoot":"…"}.', edge: '{"message":"Too Many Requests"}.' },
    assumed: 'application',
  }),

  // ---- lists
  totalAboveCap: open({
    about: 'lists',
    question: 'What is `meta.total` when more than 10,000 rows match?',
    answers: { exact: 'The true count.', clamped: '10,000.' },
    assumed: 'exact',
  }),
  nextLinkAtCap: open({
    about: 'lists',
    question: 'What is `next_page_link` on the last page before the cap?',
    answers: { null: 'Null.', present: 'A link that is refused with 400.' },
    assumed: 'null',
  }),
  capScope: open({
    about: 'lists',
    question: 'Which lists have the cap?',
    answers: { everyList: 'Every list.', callsAndContacts: 'Only calls and contacts, as documented.' },
    assumed: 'everyList',
  }),
  contactsPerPageAbove50: open({
    about: 'lists',
    question: 'How many contacts does a page hold when more than 50 are asked for? `meta.per_page` repeats what was asked.',
    answers: { fifty: '50.', asAsked: 'As many as asked for.' },
    assumed: 'fifty',
  }),
  perPageBelowOne: open({
    about: 'lists',
    question: 'What does a `per_page` below 1, or one that is no number, mean?',
    answers: { default: 'The default of 20.', one: '1.', refused: '400.' },
    assumed: 'default',
  }),
  creationTimeFilter: open({
    about: 'lists',
    question: 'Do `from` and `to` include their bounds on users, availabilities, the numbers of a user, and numbers?',
    answers: { inclusive: 'Both do.', fromExclusive: '`from` does not, as on calls.' },
    assumed: 'inclusive',
  }),
  sameSecondOrder: open({
    about: 'lists',
    question: 'In which order do rows of the same second come?',
    answers: { unstable: 'In any, and another one with the next request.', byId: 'By id.' },
    assumed: 'unstable',
  }),
  falseFlag: open({
    about: 'lists',
    question: 'What does a flag such as fetch_contact=false mean?',
    answers: { off: 'The flag is off.', on: 'The flag is on, because it is there.' },
    assumed: 'off',
  }),
  missingContentType: open({
    about: 'lists',
    question: 'What happens to a write without a Content-Type header?',
    answers: { accepted: 'It is carried out.', refused: '400.' },
    assumed: 'accepted',
  }),
  whatsappTemplatesKey: open({
    about: 'lists',
    question: 'Under which key do WhatsApp templates stand?',
    answers: { templates: '`templates`.', data: '`data`.' },
    assumed: 'templates',
  }),
  dialerNumbersKey: open({
    about: 'lists',
    question: 'Under which key do the phone numbers of a dialer campaign stand?',
    answers: { numbers: '`numbers`.', phone_numbers: '`phone_numbers`.' },
    assumed: 'numbers',
  }),

  // ---- history
  horizonEdge: open({
    about: 'history',
    question: 'How far back do the six months of calls reach?',
    answers: { calendarMonths: 'To the same moment six calendar months ago.', days180: '180 days.', days186: '186 days.' },
    assumed: 'calendarMonths',
  }),

  // ---- errors
  notFoundBody: open({
    about: 'errors',
    question: 'What is the body of a 404 for an unknown id?',
    answers: {
      application: '{"error":"Not Found","troubleshoot":"Resource not found","success":false}.',
      edge: '{"message":"Not Found"}.',
    },
    assumed: 'application',
  }),
  wrongMethodBody: open({
    about: 'errors',
    question: 'What is the body of a 405 for a method that a route does not have?',
    answers: { application: '{"error":"Method Not Allowed","troubleshoot":"…"}.', edge: '{"message":"Method Not Allowed"}.' },
    assumed: 'application',
  }),
  duplicateEmailStatus: open({
    about: 'errors',
    question: 'How is a new user refused whose e-mail address is taken?',
    answers: { status422: '422.', status400: '400.' },
    assumed: 'status422',
  }),
  duplicateTeamStatus: open({
    about: 'errors',
    question: 'How is a new team refused whose name is taken?',
    answers: { status400: '400.', status422: '422.' },
    assumed: 'status400',
  }),

  // ---- users
  usersV1: open({
    about: 'users',
    question: 'Were the four v1 user endpoints removed on the announced day?',
    answers: { served: 'No.', gone404: 'Yes, they answer 404.', gone410: 'Yes, they answer 410.' },
    assumed: 'served',
  }),
  usersV1Others: open({
    about: 'users',
    question: 'Do the v1 endpoints without a v2 form (delete, availability, calls, dial) outlive that day?',
    answers: { served: 'Yes.', gone404: 'No, they answer 404.', gone410: 'No, they answer 410.' },
    assumed: 'served',
  }),
  usersV2: open({
    about: 'users',
    question: 'Does every account have the v2 user endpoints?',
    answers: { served: 'Yes.', missing: 'Some answer 404.', refused: 'Some answer 403 from the application.' },
    assumed: 'served',
  }),
  usersV1ExtraFields: open({
    about: 'users',
    question: 'Does v1 show `default_number_id`, `substatus` and `numbers` of a user?',
    answers: { absent: 'No.', present: 'Yes, as documented.' },
    assumed: 'absent',
  }),
  substatusSpelling: open({
    about: 'users',
    question: 'How is the `substatus` of a user without working hours spelt?',
    answers: { always_opened: 'always_opened.', always_open: 'always_open.' },
    assumed: 'always_opened',
  }),
  substatusRule: open({
    about: 'users',
    question: 'When can the `substatus` of a user be set?',
    answers: { always: 'Always.', whileUnavailable: 'Only together with, or during, the status unavailable; else 400.' },
    assumed: 'always',
  }),

  // ---- calls
  callIdsFollowTime: open({
    about: 'calls',
    question: 'Has a call that started later always the larger id?',
    answers: { no: 'No.', yes: 'Yes.' },
    assumed: 'no',
  }),
  callTagTime: open({
    about: 'calls',
    question: 'Under which key does a call say when it was tagged?',
    answers: { created_at: '`created_at`.', tagged_at: '`tagged_at`, as in events.' },
    assumed: 'created_at',
  }),
  noteTimes: open({
    about: 'calls',
    question: 'How do `posted_at` of comments and the time of tags travel?',
    answers: { integer: 'As an integer.', text: 'As text that holds the digits.' },
    assumed: 'integer',
  }),
  ivrOptionId: open({
    about: 'calls',
    question: 'What is the id of a choice in a menu?',
    answers: { integer: 'An integer.', text: 'Text.' },
    assumed: 'integer',
  }),
  outboundMissedReason: open({
    about: 'calls',
    question: 'Has an outbound call that nobody answered a `missed_call_reason`?',
    answers: { null: 'No.', agents_did_not_answer: 'Yes: agents_did_not_answer.' },
    assumed: 'null',
  }),
  realtimeTranscription: open({
    about: 'calls',
    question: 'Was the realtime_transcription endpoint removed on the announced day?',
    answers: { served: 'No.', gone404: 'Yes, it answers 404.', gone410: 'Yes, it answers 410.' },
    assumed: 'served',
  }),

  // ---- contacts
  contactDedupe: open({
    about: 'contacts',
    question: 'What does creating the same contact twice do?',
    answers: { never: 'Makes two contacts.', sameContent: 'Returns the first one, with a later `updated_at`.' },
    assumed: 'never',
  }),
  detailEditsTouchUpdatedAt: open({
    about: 'contacts',
    question: 'Does editing a phone number or e-mail address of a contact move its `updated_at`?',
    answers: { yes: 'Yes.', no: 'No.' },
    assumed: 'yes',
  }),
  detailEditsEvent: open({
    about: 'contacts',
    question: 'Does editing a phone number or e-mail address of a contact cause contact.updated?',
    answers: { yes: 'Yes.', no: 'No.' },
    assumed: 'yes',
  }),
  detailAnswer: open({
    about: 'contacts',
    question: 'What is the answer to adding or editing a phone number or e-mail address?',
    answers: { detail: 'The detail, as `phone_detail` or `email_detail`.', contact: 'The whole contact, as `contact`.' },
    assumed: 'detail',
  }),
  contactPut: open({
    about: 'contacts',
    question: 'Does PUT update a contact too?',
    answers: { refused: 'No.', accepted: 'Yes, just like POST.' },
    assumed: 'refused',
  }),
  contactDescription: open({
    about: 'contacts',
    question: 'Have contacts a field `description`?',
    answers: { absent: 'No.', present: 'Yes.' },
    assumed: 'absent',
  }),
  contactPhoneForm: open({
    about: 'contacts',
    question: 'In which form is a phone number of a contact?',
    answers: { e164: 'E.164.', display: 'International display form with spaces.' },
    assumed: 'e164',
  }),

  // ---- other records
  tagExtraFields: open({
    about: 'other records',
    question: 'Do tags show `direct_link` and `created_at`?',
    answers: { absent: 'No.', present: 'Yes, as documented.' },
    assumed: 'absent',
  }),
  webhookDirectLink: open({
    about: 'other records',
    question: 'What does the `direct_link` of a webhook end in?',
    answers: { uuid: 'Its UUID.', id: 'Its old id.' },
    assumed: 'uuid',
  }),
  dialerCampaignEnvelope: open({
    about: 'other records',
    question: 'Is a dialer campaign wrapped?',
    answers: { wrapped: 'In `dialer_campaign`.', bare: 'No.' },
    assumed: 'wrapped',
  }),
  registrationStatusBody: open({
    about: 'other records',
    question: 'What does the registration status of a number look like?',
    answers: { status: '{"status":"…"}.', detailed: '{"registration_status":{"status":"…","details":…}}.' },
    assumed: 'status',
  }),
  configurationAnswer: open({
    about: 'other records',
    question: 'Is a messaging configuration wrapped?',
    answers: { bare: 'No.', wrapped: 'In `configuration`.' },
    assumed: 'bare',
  }),
  messageTimes: open({
    about: 'other records',
    question: 'How do the times of a message travel?',
    answers: { milliseconds: 'As UNIX milliseconds.', iso: 'As ISO-8601 text.' },
    assumed: 'milliseconds',
  }),
  integrationPath: open({
    about: 'other records',
    question: 'Where is the integration?',
    answers: { me: 'At /v1/integrations/me.', singular: 'At /v1/integration.' },
    assumed: 'me',
  }),

  // ---- writes
  createStatus: open({
    about: 'writes',
    question: 'With which status is something created?',
    answers: { status201: '201.', status200: '200.' },
    assumed: 'status201',
  }),
  commentAnswer: open({
    about: 'writes',
    question: 'What is the answer to commenting on a call?',
    answers: { comment: 'The comment, as `comment`.', call: 'The call, as `call`.', empty: 'No body.' },
    assumed: 'comment',
  }),
  tagCallAnswer: open({
    about: 'writes',
    question: 'What is the answer to tagging a call?',
    answers: { empty: 'No body.', tags: 'The tags of the call, as `tags`.', call: 'The call, as `call`.' },
    assumed: 'empty',
  }),
  deleteRecordingStatus: open({
    about: 'writes',
    question: 'With which status is a recording or voicemail deleted?',
    answers: { status204: '204.', status200: '200 with an empty object.' },
    assumed: 'status204',
  }),
  insightCardStatus: open({
    about: 'writes',
    question: 'With which status is an insight card accepted?',
    answers: { status204: '204.', status201: '201 with an empty object.' },
    assumed: 'status204',
  }),
  dialerWriteStatus: open({
    about: 'writes',
    question: 'With which status are phone numbers added to a dialer campaign?',
    answers: { status204: '204.', status201: '201 with an empty object.' },
    assumed: 'status204',
  }),
  integrationWriteStatus: open({
    about: 'writes',
    question: 'With which status is an integration enabled or disabled?',
    answers: { status204: '204.', status200: '200 with an empty object.' },
    assumed: 'status204',
  }),
  configurationWriteStatus: open({
    about: 'writes',
    question: 'With which statuses is a messaging configuration made and deleted?',
    answers: { documented: '200 and 204.', other: '201 and 200.' },
    assumed: 'documented',
  }),
  exportStatus: open({
    about: 'writes',
    question: 'With which status is a report export accepted?',
    answers: { status200: '200.', status202: '202.' },
    assumed: 'status200',
  }),
  unconfirmedFields: open({
    about: 'writes',
    question: 'What happens to body fields that are marked as unconfirmed?',
    answers: { accepted: 'They do what their name says.', ignored: 'Nothing.', refused: '400.' },
    assumed: 'accepted',
  }),
  messageAuthorField: open({
    about: 'writes',
    question: 'Which field names the user in whose name a message is sent?',
    answers: { agentId: '`agentId`.', user_id: '`user_id`.' },
    assumed: 'agentId',
  }),

  // ---- events
  teamEvents: open({
    about: 'events',
    question: 'Are team.created and team.destroyed sent?',
    answers: { never: 'No.', sent: 'Yes.' },
    assumed: 'never',
  }),
  callTaggedEvents: open({
    about: 'events',
    question: 'How many call.tagged events does tagging with several tags cause?',
    answers: { onePerTag: 'One for each tag.', onePerRequest: 'One.' },
    assumed: 'onePerTag',
  }),
  contactEventTimes: open({
    about: 'events',
    question: 'How do `created_at` and `updated_at` of a contact travel in events?',
    answers: { iso: 'As ISO-8601 text.', seconds: 'As UNIX seconds.' },
    assumed: 'iso',
  }),
  callEventListingFields: open({
    about: 'events',
    question: 'Do call events carry `sid`, `country_code_a2`, `pricing_type` and the short links?',
    answers: { absent: 'No.', present: 'Yes.' },
    assumed: 'absent',
  }),
  conversationCallId: open({
    about: 'events',
    question: 'What is `call_id` in conversation intelligence events?',
    answers: { integer: 'An integer.', text: 'Text that holds the digits.' },
    assumed: 'integer',
  }),
  realtimePayload: open({
    about: 'events',
    question: 'What does realtime_transcription.utterances_received carry?',
    answers: { nested: '{id, call: {id, uuid, number_id, direction}, utterances}.', flat: '{call_id, content: {utterances}}.' },
    assumed: 'nested',
  }),

  // ---- delivery
  redirects: open({
    about: 'delivery',
    question: 'Does Aircall follow redirects of a webhook address?',
    answers: { refused: 'No, they count as failures.', followed: 'Yes.' },
    assumed: 'refused',
  }),
  retrySpacing: open({
    about: 'delivery',
    question: 'How are the retries of a delivery spaced?',
    answers: { exponential: 'Ever wider, from one second, up to a cap.', even: 'Evenly.' },
    assumed: 'exponential',
  }),
  disabledAfter: open({
    about: 'delivery',
    question: 'When does Aircall switch a webhook off?',
    answers: {
      fiftyConsecutive: 'After 50 failures in a row.',
      fiftyOfOneEvent: 'After 50 retries of one event.',
      ten: 'After 10 failures.',
    },
    assumed: 'fiftyConsecutive',
  }),
  eventsWhileDisabled: open({
    about: 'delivery',
    question: 'What becomes of new events while a webhook is off?',
    answers: { lost: 'They are lost.', kept: 'They are sent once it is on again.' },
    assumed: 'lost',
  }),
} as const satisfies Readonly<Record<string, Switch>>;

export type SwitchName = keyof typeof switches;

/** One answer for every switch. */
export type SwitchSettings = { readonly [N in SwitchName]: keyof (typeof switches)[N]['answers'] };

export const switchNames = Object.keys(switches) as readonly SwitchName[];

/** What is assumed about every unknown. */
// Each value is the `assumed` of the very switch it stands for, which the declarations check against its answers.
export const assumedSwitches = Object.fromEntries(switchNames.map((name) => [name, switches[name].assumed])) as SwitchSettings;

/** Every setting that differs from what is assumed in exactly one switch. */
export function flippedSwitches(): { readonly name: SwitchName; readonly answer: string; readonly settings: SwitchSettings }[] {
  return switchNames.flatMap((name) =>
    Object.keys(switches[name].answers)
      .filter((answer) => answer !== switches[name].assumed)
      .map((answer) => ({ name, answer, settings: { ...assumedSwitches, [name]: answer } })),
  );
}

/** Holds a declaration to its own answers: what is assumed must be one of them. */
function open<const A extends string>(declared: {
  readonly about: SwitchTopic;
  readonly question: string;
  readonly answers: Readonly<Record<A, string>>;
  readonly assumed: NoInfer<A>;
}): typeof declared {
  return declared;
}
