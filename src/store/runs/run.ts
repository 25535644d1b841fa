// What the history says about a run: plain values that can be printed as JSON.

/** Counts up within one home folder. */
export type RunId = number;

export type RunStart = {
  /** The command's name, such as `sync`. Never its arguments: they may hold secrets. */
  readonly command: string;
  /** The streams it is going to read. */
  readonly streams: readonly string[];
  /** ISO-8601, UTC. */
  readonly startedAt: string;
  readonly version: string;
};

export type StreamFacts = {
  readonly stream: string;
  /** `pending`: not begun. `off`: not in the plan, or its price was not confirmed. */
  readonly outcome: 'pending' | 'running' | 'done' | 'incomplete' | 'failed' | 'off';
  /** Rows seen in listings. */
  readonly rows: number;
  /** Rows that the destination inserted or replaced. */
  readonly written: number;
  readonly deleted: number;
  readonly quarantined: number;
  readonly windows: number;
  readonly requests: number;
  /** Why it is incomplete, failed or off, as a sentence. */
  readonly message: string | null;
};

export type PackageFacts = {
  readonly packageId: string;
  readonly sequence: number;
  readonly rows: number;
  readonly bytes: number;
  /** ISO-8601, UTC. */
  readonly committedAt: string;
};

/** What became known since the last note. A stream or package that was noted before is replaced. */
export type RunNote = {
  readonly streams?: readonly StreamFacts[];
  readonly packages?: readonly PackageFacts[];
  /** Requests of the whole run so far. */
  readonly requests?: number;
};

export type RunEnd = {
  /** The exit code. */
  readonly exit: number;
  /** What came of it, as a sentence. */
  readonly summary: string;
  /** The error that ended it, as a sentence. */
  readonly error?: string | null;
};

export type Run = {
  readonly id: RunId;
  readonly command: string;
  readonly version: string;
  readonly host: string;
  readonly pid: number;
  /** `died`: its process is gone and did not say how it ended. */
  readonly status: 'running' | 'ended' | 'died';
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly exit: number | null;
  readonly summary: string | null;
  readonly error: string | null;
  readonly requests: number;
  readonly streams: readonly StreamFacts[];
  /** By sequence. */
  readonly packages: readonly PackageFacts[];
};
