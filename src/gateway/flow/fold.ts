// Keeps an agent that is refused in a tight loop from filling the disk: of refusals that are alike, the first ten a minute are
// recorded one by one; those after them are counted, and one record tells how many there were when the minute is over, or when
// the gateway closes. The death of the process loses that count, at most a minute's, and nothing else: no refusal has a request
// to Aircall behind it.
import type { Clock } from '../../base/index.ts';
import type { AuditFacts } from '../audit/record.ts';
import type { Also } from './parts.ts';

/** A refusal and what is stored with it; of folded ones nothing is stored. */
export type Refused = { readonly facts: AuditFacts; readonly also?: Also | undefined };

export type RefusalFolderOptions = {
  readonly clock: Clock;
  readonly write: (refusal: Refused) => Promise<unknown>;
  readonly perMinute?: number;
  /** Kinds that are told apart at once; beyond that many, one kind stands for all further ones. */
  readonly maximumKinds?: number;
};

type Kind = { readonly sinceMs: number; recorded: number; folded: number; last: AuditFacts };

const minuteMs = 60_000;
const everythingElse = 'everything else';

export class RefusalFolder {
  readonly #options: Required<RefusalFolderOptions>;
  readonly #kinds = new Map<string, Kind>();
  #alarm: AbortController | null = null;
  #closed = false;

  constructor({ perMinute = 10, maximumKinds = 2000, ...options }: RefusalFolderOptions) {
    this.#options = { perMinute, maximumKinds, ...options };
  }

  /** Records a refusal, or counts it. Rejects as `write` does; then nothing was recorded or counted. */
  async note(kindName: string, refused: Refused): Promise<void> {
    const { facts } = refused;
    const nowMs = this.#options.clock.monotonic();
    if (!this.#kinds.has(kindName) && this.#kinds.size >= this.#options.maximumKinds) await this.flush({ onlyOver: true });
    const isNew = !this.#kinds.has(kindName);
    const name = isNew && this.#kinds.size >= this.#options.maximumKinds ? everythingElse : kindName;
    let kind = this.#kinds.get(name);
    if (kind !== undefined && nowMs - kind.sinceMs >= minuteMs) {
      await this.#tell(name, kind);
      kind = this.#kinds.get(name);
    }
    if (kind === undefined) {
      kind = { sinceMs: nowMs, recorded: 0, folded: 0, last: facts };
      this.#kinds.set(name, kind);
    }
    if (kind.recorded >= this.#options.perMinute && !this.#closed) {
      kind.folded += 1;
      kind.last = facts;
      this.#wake();
      return;
    }
    kind.recorded += 1;
    try {
      await this.#options.write(refused);
    } catch (error) {
      kind.recorded -= 1;
      throw error;
    }
  }

  /** Writes down what was counted. With `onlyOver`, only where the minute is over. Rejects when a record cannot be written. */
  async flush({ onlyOver = false }: { readonly onlyOver?: boolean } = {}): Promise<void> {
    const nowMs = this.#options.clock.monotonic();
    for (const [name, kind] of this.#kinds) {
      if (!onlyOver || nowMs - kind.sinceMs >= minuteMs) await this.#tell(name, kind);
    }
  }

  /** Safe to call twice. What comes after it is recorded one by one. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#alarm?.abort();
    await this.flush();
  }

  async #tell(name: string, kind: Kind): Promise<void> {
    if (this.#kinds.get(name) === kind) this.#kinds.delete(name);
    if (kind.folded === 0) return;
    const { last, folded } = kind;
    kind.folded = 0;
    const decision = last.decision === null ? null : { ...last.decision, times: folded };
    const sentence = `${last.sentence} ${folded} times within a minute, told in one record.`;
    try {
      await this.#options.write({ facts: { ...last, decision, sentence } });
    } catch (error) {
      // Told with the next ones.
      const again = this.#kinds.get(name);
      if (again === undefined) this.#kinds.set(name, { ...kind, folded });
      else again.folded += folded;
      throw error;
    }
  }

  #wake(): void {
    if (this.#alarm !== null || this.#closed) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    this.#options.clock
      .sleep(minuteMs, alarm.signal)
      .then(async () => {
        this.#alarm = null;
        try {
          await this.flush({ onlyOver: true });
        } catch {
          // The log cannot be written; the next round tells it.
        }
        if ([...this.#kinds.values()].some(({ folded }) => folded > 0)) this.#wake();
      })
      .catch(() => {}); // Called off by close, which flushes by itself.
  }
}
