// When a row that we hold is no longer listed: proving that it is gone, and refusing to believe that very many are.
import { isAircallError, NotFound } from '../client/index.ts';

/** Up to this many are asked for one by one; more are looked for in a second listing. */
export const askedOneByOne = 50;
/** So many of those are asked for one by one all the same. */
const asked = 10;

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

/**
 * The same for more keys than one would ask for one by one. They are proven gone when a second complete listing lacks all of
 * them, and 404 answers to every one of a sample: a list that takes some of them back, or hides some that are there, is not to
 * be believed about the others.
 */
export async function provenGoneByListing(
  keys: readonly string[],
  again: ReadonlySet<string>,
  listed: string | undefined,
  retrieve: (key: string) => Promise<unknown>,
): Promise<readonly string[]> {
  if (keys.some((key) => again.has(key))) return [];
  const step = Math.ceil(keys.length / asked);
  const sample = keys.filter((_, index) => index % step === 0);
  return (await provenGone(sample, listed, retrieve)).length === sample.length ? keys : [];
}
