// Checkpoints as text, to be kept elsewhere and brought back.
import type { KeyObject } from 'node:crypto';
import { isObject, UsageError } from '../../base/index.ts';
import type { Checkpoint } from './chain.ts';

/** One line of JSON. The public key stands in it so that the signature can be checked without the gateway. */
export function checkpointText(checkpoint: Checkpoint, publicKey: KeyObject): string {
  const { company, seq, head, time, keyId, signature } = checkpoint;
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return JSON.stringify({ company, seq, head, time, keyId, signature, publicKey: key });
}

/** Throws `UsageError` for what is not the text of a checkpoint. */
export function parseCheckpoint(text: string): Checkpoint {
  const value = understood(text);
  if (!isObject(value)) throw notACheckpoint();
  const { company, seq, head, time, keyId, signature } = value;
  if (typeof company !== 'string' || typeof time !== 'string' || typeof keyId !== 'string' || typeof signature !== 'string')
    throw notACheckpoint();
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) throw notACheckpoint();
  if (typeof head !== 'string' || !/^[0-9a-f]{64}$/.test(head)) throw notACheckpoint();
  return { company, seq, head, time, keyId, signature };
}

function understood(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notACheckpoint();
  }
}

function notACheckpoint(): UsageError {
  return new UsageError({
    code: 'checkpoint_unreadable',
    message: 'That is not a checkpoint.',
    hint: 'Give what trunkline audit checkpoint printed, or the name of a file that holds it.',
  });
}
