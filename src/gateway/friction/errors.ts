// What stops a request between its decision and its act. Each is thrown inside the transaction of a record, and undoes it.
import { TrunklineError, UsageError } from '../../base/index.ts';

/** Another request was faster: the confirmation, the approval or the key is not there to be used any more. */
export class AlreadyUsed extends TrunklineError {
  readonly what: 'confirmation' | 'approval' | 'idempotency_key';

  constructor(what: 'confirmation' | 'approval' | 'idempotency_key') {
    super({
      code: 'already_used',
      message: `The ${what === 'idempotency_key' ? 'idempotency key' : what} was used by another request a moment ago.`,
      hint: 'Ask for the state of that request, or begin a new one.',
    });
    this.what = what;
  }
}

/** Other requests have brought a counter to its limit since this one was decided on. */
export class QuotaReached extends TrunklineError {
  readonly what: 'requests' | 'rows' | 'writes' | 'object';

  constructor(what: 'requests' | 'rows' | 'writes' | 'object') {
    super({
      code: 'quota_exhausted',
      message: {
        requests: 'The agent has used up its requests for today.',
        rows: 'The agent has used up its rows for today in this area.',
        writes: 'The agent has used up its writes for today in this area.',
        object: 'The agent has done this to the same object as often as it may.',
      }[what],
      hint: what === 'object' ? 'It cannot be taken back, and Aircall allows only so many.' : 'Days are UTC; try again tomorrow.',
    });
    this.what = what;
  }
}

/** So many requests of one agent wait for a person that one more would only hide the others. */
export class TooManyWaiting extends TrunklineError {
  constructor(most: number) {
    super({
      code: 'quota_exhausted',
      message: `${most} requests of this agent wait for approval already.`,
      hint: 'Wait until a person has answered some of them, or until they expire.',
    });
  }
}

/**
 * An approval cannot be decided on, or not by this person: `unknown_approval`, `approval_decided`, `approval_outdated`,
 * `approval_unreadable`, `approver_not_allowed`, `owner_unknown`. Nothing was changed.
 */
export class ApprovalImpossible extends UsageError {}
