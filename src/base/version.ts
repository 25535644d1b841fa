import { createRequire } from 'node:module';

const manifest: unknown = createRequire(import.meta.url)('../../package.json');

/** The version of the package, as its package.json says. */
export const version = (manifest as { readonly version: string }).version; // our own file, two folders up in src and dist alike
