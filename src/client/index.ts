// client/: speaks HTTP with Aircall. In: a credential, and what to ask, as typed methods derived from the description of
// the API. Out: what Aircall answered, unchanged, page by page, or an error that says what happened and what to do.
// Never: files, a database, a request the budget has not granted, a write that might be carried out twice.
export { createClient } from './aircall.ts';
export type { Aircall } from './aircall.ts';
export type { ClientOptions } from './open-connection.ts';
export { createRawClient, planRequest } from './raw.ts';
export type { RawAnswer, RawArguments, RawClient, RawOptions } from './raw.ts';
export type { Credential } from './credential.ts';
export type { Input, Method, Result } from './method.ts';
export type { AnswerFacts, RequestOptions, Wait } from './request-options.ts';
export type { Listing, Page, PageMeta, TokenListing, TokenPage } from './listing.ts';
export { createInProcessBudget } from './in-process-budget.ts';
export type { InProcessBudgetOptions } from './in-process-budget.ts';
export { noRetry } from './retry.ts';
export type { RetryOptions } from './retry.ts';
export {
  AircallError,
  AnswerTooLarge,
  BeyondTheCap,
  Blocked,
  BudgetExhausted,
  ConnectionFailed,
  CredentialRefused,
  InvalidRequest,
  isAircallError,
  MalformedAnswer,
  NotFound,
  NotInPlan,
  RateLimited,
  ServerFailed,
  StateRefused,
  TimedOut,
} from './errors.ts';
export type { Outcome } from './errors.ts';
export { authorizeUrl, createState, exchangeCode, isSameState, OauthRefused, readCallback } from './oauth.ts';
export type { AuthorizeOptions, ExchangeCodeOptions, OauthGrant } from './oauth.ts';
// What the methods give, by name.
export type {
  Call,
  Comment,
  Company,
  Contact,
  Id,
  Message,
  PhoneNumber,
  Summary,
  Tag,
  Team,
  Topics,
  Transcription,
  User,
  UserAvailability,
  Webhook,
} from '../aircall/index.ts';
export { Interrupted, isTrunklineError, TrunklineError, UsageError } from '../base/index.ts';
