/** A line that lacks what every line must have: its key, or its moment. */
export class IncompleteLine extends Error {
  override readonly name = 'IncompleteLine';
}
