/**
 * The request budget as the rooms below the store see it. Aircall grants a number of requests per minute to a whole
 * company; whoever wants to send one asks for a slot first and says when the exchange ended.
 *
 * Two implementations exist: one inside a process (client/) and one shared by every process of a machine (store/).
 */
export interface Budget {
  /** Waits for its turn, then returns a slot for exactly one request. Rejects only with `Interrupted`. */
  acquire(request: SlotRequest): Promise<Slot>;
  /** How the budget stands now. */
  status(): BudgetStatus;
}

/** Most urgent first. Each has a guaranteed share; what nobody uses, others may. */
export const priorities = ['live', 'interactive', 'agent', 'pipeline', 'backfill'] as const;
export type Priority = (typeof priorities)[number];

export type SlotRequest = {
  readonly priority: Priority;
  /** The longest the exchange can take, in milliseconds: how long the slot counts if its holder dies. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once when the caller has to wait, with the expected wait in milliseconds. */
  readonly onWait?: ((waitMs: number) => void) | undefined;
};

export interface Slot {
  /** The exchange is over (answered, failed or given up). The slot frees 60 s from now. Safe to call twice. */
  end(outcome?: SlotOutcome): void;
}

/** What the answer told about the budget. */
export type SlotOutcome = {
  /** Nothing was sent and nothing will be: the slot is free again at once. */
  readonly unused?: boolean;
  /** Aircall answered 429: everyone stops until `resetAtMs`, else for 60 s. */
  readonly refused?: boolean;
  /** From the rate headers, when the answer carried them. `resetAtMs` is milliseconds since 1970. */
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
  readonly resetAtMs?: number | undefined;
};

export type BudgetStatus = {
  /** Requests this budget allows in any 60 s (quota minus reserve); `Infinity` when the budget is off. */
  readonly allowed: number;
  /** Slots taken in the last 60 s. */
  readonly used: number;
  /** How many could be had at once: also less where Aircall said that less is left. Absent where that is not known. */
  readonly free?: number;
  /** About how long until one can be had, in milliseconds; 0 while some are free. Absent where that is not known. */
  readonly nextInMs?: number;
  /** Milliseconds since 1970 until which everyone waits after a 429, or null. */
  readonly blockedUntilMs: number | null;
};
