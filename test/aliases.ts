import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where imports lead that are no packages of this one's; `paths` in tsconfig.json says the same to the compiler. */
export const aliases = {
  // Examples import the package by its name, as its users do; tests run what stands in src/.
  'trunkline/client': at('../src/client/index.ts'),
  // What tests alone need and is large; scripts/test-vendors.mjs installs it.
  '@cedar-policy/cedar-wasm/nodejs': at('vendors/node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm.js'),
  'axe-core': at('vendors/node_modules/axe-core/axe.js'),
  'playwright-core': at('vendors/node_modules/playwright-core/index.mjs'),
};
