// Records that nothing at Aircall stands behind, and outcomes that could not be written. While one of these waits, nothing else
// is done.
import type { Clock, Log } from '../../base/index.ts';
import type { AuditFacts } from '../audit/record.ts';
import { AlreadyUsed } from '../friction/errors.ts';
import { RefusalFolder } from './fold.ts';
import type { Also, AuditLog } from './parts.ts';
import { undecided } from './turn.ts';
import type { Reply } from './turn.ts';

type Pending = { readonly facts: AuditFacts; readonly also: Also };

export class Recorder {
  readonly #audit: AuditLog;
  readonly #log: Log;
  readonly #folder: RefusalFolder;
  /** Oldest first. */
  readonly #pending: Pending[] = [];
  #catchingUp: Promise<boolean> | null = null;

  constructor({ audit, clock, log }: { readonly audit: AuditLog; readonly clock: Clock; readonly log: Log }) {
    this.#audit = audit;
    this.#log = log;
    this.#folder = new RefusalFolder({ clock, write: ({ facts, also }) => audit.append(facts, { durability: 'process', also }) });
  }

  /**
   * Records a refusal, or something else behind which nothing goes to Aircall, or many alike in one, then gives it. Rejects only
   * with `AlreadyUsed`, which `also` throws.
   */
  async give(kind: string, facts: AuditFacts, reply: Reply, also?: Also): Promise<Reply> {
    try {
      await this.#folder.note(kind, { facts, also });
      return reply;
    } catch (error) {
      if (error instanceof AlreadyUsed) throw error;
      return this.failed(error);
    }
  }

  /** The log could not be written; what the agent is told then. */
  failed(error: unknown): Reply {
    this.#log.error('the audit log cannot be written', { error: error instanceof Error ? error.name : typeof error });
    return unrecordable();
  }

  /** Keeps an outcome that could not be written. */
  keep(facts: AuditFacts, also: Also): void {
    this.#pending.push({ facts, also });
  }

  /** Writes the outcomes that wait. True when none is left. */
  catchUp(): Promise<boolean> {
    if (this.#pending.length === 0) return Promise.resolve(true);
    this.#catchingUp ??= (async () => {
      try {
        for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
          await this.#writeLate(next);
          this.#pending.shift();
        }
        return true;
      } catch (error) {
        this.failed(error);
        return false;
      } finally {
        this.#catchingUp = null;
      }
    })();
    return this.#catchingUp;
  }

  /** Rejects when what was counted of refusals cannot be written. Safe to call twice. */
  async close(): Promise<void> {
    await this.catchUp();
    await this.#folder.close();
  }

  async #writeLate({ facts, also }: Pending): Promise<void> {
    try {
      await this.#audit.append(facts, { durability: 'power', also });
    } catch (error) {
      if (isUnavailable(error)) throw error;
      // What was to be changed with it does not fit any more. The record is worth more.
      this.#log.error('an outcome was recorded late and alone', { call: facts.callId });
      await this.#audit.append(facts, { durability: 'power' });
    }
  }
}

export function unrecordable(): Reply {
  return undecided({
    code: 'audit_unavailable',
    message: 'The gateway cannot record what it does, so it does nothing and shows nothing.',
    fix: 'Ask an operator to look at the gateway.',
    retryAfterSeconds: 5,
  });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'audit_unavailable';
}
