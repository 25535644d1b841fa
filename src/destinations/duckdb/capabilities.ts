import type { Capabilities } from '../../load/index.ts';

export const capabilities: Capabilities = { commitClass: 'A', identifierLength: 65_536, textLength: 1024 ** 3, refusedCharacters: [] };
