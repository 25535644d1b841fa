// What one stream did in one run.
import { isTrunklineError, messageOf } from '../base/index.ts';
import type { Receipt } from '../load/index.ts';
import type { Stream } from '../streams/index.ts';
import type { StreamOutcome, StreamResult } from './types.ts';

export class Tally {
  readonly stream: Stream;
  #outcome: StreamOutcome = 'done';
  #rows = 0;
  #written = 0;
  #deleted = 0;
  #quarantined = 0;
  #secretsDropped = 0;
  #windows = 0;
  #requests = 0;
  #listed = 0;
  #distinct = 0;
  #expectedRows: number | null = null;
  #phase: string | null = null;
  #error: StreamResult['error'] = null;
  readonly #messages: string[] = [];

  constructor(stream: Stream) {
    this.stream = stream;
  }

  request(): void {
    this.#requests += 1;
  }

  read(batch: { readonly rows: number; readonly quarantined: number; readonly secrets: number }): void {
    this.#rows += batch.rows;
    this.#quarantined += batch.quarantined;
    this.#secretsDropped += batch.secrets;
  }

  gone(keys: number): void {
    this.#deleted += keys;
  }

  loaded(receipt: Receipt): void {
    this.#written += receipt.tables[this.stream.shape.table]?.written ?? 0;
  }

  close(total: number, distinct: number): void {
    this.#windows += 1;
    this.#listed += total;
    this.#distinct += distinct;
  }

  expect(progress: { readonly expectedRows?: number; readonly phase?: string }): void {
    if (progress.expectedRows !== undefined) this.#expectedRows = this.#rows + progress.expectedRows;
    this.#phase = progress.phase ?? null;
  }

  incomplete(message: string): void {
    if (this.#outcome === 'done') this.#outcome = 'incomplete';
    this.#messages.push(message);
  }

  off(reason: string): void {
    this.#outcome = 'off';
    this.#messages.push(reason);
  }

  fail(error: unknown): void {
    this.#outcome = 'failed';
    const message = messageOf(error);
    this.#messages.push(message);
    this.#error = {
      code: isTrunklineError(error) ? error.code : 'internal',
      message,
      hint: isTrunklineError(error) ? error.hint : undefined,
    };
  }

  progress(): { rows: number; expectedRows: number | null; windows: number; phase: string | null } {
    return { rows: this.#rows, expectedRows: this.#expectedRows, windows: this.#windows, phase: this.#phase };
  }

  result(liveRows: number | null): StreamResult {
    return {
      stream: this.stream.name,
      outcome: this.#outcome,
      rows: this.#rows,
      written: this.#written,
      deleted: this.#deleted,
      quarantined: this.#quarantined,
      windows: this.#windows,
      requests: this.#requests,
      listed: this.#listed,
      distinct: this.#distinct,
      liveRows,
      secretsDropped: this.#secretsDropped,
      messages: this.#messages,
      error: this.#error,
    };
  }
}
