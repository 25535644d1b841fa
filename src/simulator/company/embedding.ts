import type { ContactState, NumberState, TeamState, UserState } from './state.ts';

/**
 * Who is embedded in other records: everyone as they are now (an edit or a deletion shows in every call of that person),
 * or as they were when they were added.
 */
export type EmbeddingChoice = 'live' | 'as-created';

/** Finds what a call embeds. */
export interface Embedding {
  user(id: number): UserState | undefined;
  contact(id: number): ContactState | undefined;
  number(id: number): NumberState | undefined;
  team(id: number): TeamState | undefined;
}
