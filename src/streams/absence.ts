// When a row that we hold is no longer listed: proving that it is gone, and refusing to believe that very many are.
import { isAircallError, NotFound } from '../client/index.ts';

/** Up to this many are asked for one by one; more are looked for in a second listing. */
export const askedOneByOne = 50;

/** More than this many rows *and* more than this share of all are held until an operator confirms. */
const heldAbove = { rows: 10, share: 0.2 };

export function mustHold(gone: number, of: number): boolean {
  return gone > heldAbove.rows && gone > of * heldAbove.share;
}

/**
 * Of the keys, those whose retrieval Aircall answers with 404. Any other failure leaves a key out: it is not proven. And
 * nothing is proven when Aircall answers 404 to `listed` too, a key that it has just listed.
 */
export async function provenGone(
  keys: readonly string[],
  listed: string | undefined,
  retrieve: (key: string) => Promise<unknown>,
): Promise<readonly string[]> {
  const isGone = async (key: string): Promise<boolean> => {
    try {
      await retrieve(key);
    } catch (error) {
      if (!isAircallError(error)) throw error;
      return error instanceof NotFound;
    }
    return false;
  };
  const gone: string[] = [];
  for (const key of keys) if (await isGone(key)) gone.push(key);
  return gone.length > 0 && listed !== undefined && (await isGone(listed)) ? [] : gone;
}
