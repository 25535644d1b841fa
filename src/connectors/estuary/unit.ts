// A unit of work: documents that become durable together, and the checkpoint that covers them. It is written as one piece, so
// that nothing of another binding can stand inside it.
import type { JsonObject } from '../../base/index.ts';
import { checkpointLine } from './responses.ts';

/** A unit of more than this is closed early, with a checkpoint that moves nothing. */
const fullAtCharacters = 1_000_000;

export class Unit {
  #text = '';
  #documents = 0;

  get documents(): number {
    return this.#documents;
  }

  get isEmpty(): boolean {
    return this.#text === '';
  }

  get isFull(): boolean {
    return this.#text.length >= fullAtCharacters;
  }

  document(line: string): void {
    this.#text += line;
    this.#documents += 1;
  }

  schema(line: string): void {
    this.#text += line;
  }

  /** The text of the unit, closed by a checkpoint, and begins the next one. */
  close(updated: JsonObject): string {
    const text = this.#text + checkpointLine(updated);
    this.#text = '';
    this.#documents = 0;
    return text;
  }
}
