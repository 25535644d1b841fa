/** One pipeline to a dataset. It does not depend on the key, so that a new key goes on where the old one ended. */
export const pipeline = 'main';
