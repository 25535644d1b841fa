// The keys the gateway works with, one for each purpose, so that what one of them has signed or hidden means nothing under
// another. Key objects do not print what they hold.
import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';

export type GatewayKeys = {
  /** HMAC of the chain of records. */
  readonly auditChain: KeyObject;
  /** Ed25519: signs and verifies checkpoints. */
  readonly checkpoint: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  /** HMAC of confirm tokens. */
  readonly confirm: KeyObject;
  /** HMAC of tokens in place of phone numbers and of personal data in records. */
  readonly token: KeyObject;
  /** HMAC of the secrets of agent keys. */
  readonly agentKey: KeyObject;
  /** HMAC of links to media. */
  readonly link: KeyObject;
  /** AES-256-GCM of the answers kept under idempotency keys. */
  readonly idempotency: KeyObject;
};

const secretNames = ['auditChain', 'confirm', 'token', 'agentKey', 'link', 'idempotency'] as const;
const bytes = (length: number) => z.base64().refine((text) => Buffer.from(text, 'base64').length === length);
const written = z.strictObject({
  v: z.literal(1),
  auditChain: bytes(32),
  confirm: bytes(32),
  token: bytes(32),
  agentKey: bytes(32),
  link: bytes(32),
  idempotency: bytes(32),
  checkpoint: z.base64(),
});

export function makeGatewayKeys(): GatewayKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { ...secretKeys(() => randomBytes(32)), checkpoint: { privateKey, publicKey } };
}

/** The keys as bytes, in the clear: only to be sealed, or written where nobody else can read. */
export function writeGatewayKeys(keys: GatewayKeys): Buffer {
  const secrets = Object.fromEntries(secretNames.map((name) => [name, keys[name].export().toString('base64')]));
  const checkpoint = keys.checkpoint.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  return Buffer.from(JSON.stringify({ v: 1, ...secrets, checkpoint }));
}

/** Throws for anything {@link writeGatewayKeys} did not write. */
export function readGatewayKeys(text: Buffer): GatewayKeys {
  const parsed = written.parse(JSON.parse(text.toString('utf8')));
  const privateKey = createPrivateKey({ key: Buffer.from(parsed.checkpoint, 'base64'), type: 'pkcs8', format: 'der' });
  return {
    ...secretKeys((name) => Buffer.from(parsed[name], 'base64')),
    checkpoint: { privateKey, publicKey: createPublicKey(privateKey) },
  };
}

function secretKeys(of: (name: (typeof secretNames)[number]) => Buffer): Omit<GatewayKeys, 'checkpoint'> {
  const entries = secretNames.map((name) => [name, createSecretKey(of(name))] as const);
  return Object.fromEntries(entries) as Omit<GatewayKeys, 'checkpoint'>; // the names just listed
}
