import { seedOf } from '../random.ts';

/** Makes links that look signed at one moment: valid for an hour, different every second. */
export type LinkSigner = (folder: 'recordings' | 'voicemails', callId: number) => string;

export function signerAt(seconds: number): LinkSigner {
  const date = new Date(seconds * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const tail = [1, 2, 3, 4, 5, 6, 7].map((part) => hex(seedOf(seconds, part))).join('');
  const query =
    `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=EXAMPLEKEY%2F${date.slice(0, 8)}%2Fus-west-2%2Fs3%2Faws4_request` +
    `&X-Amz-Date=${date}&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=`;
  return (folder, callId) => `https://storage.example.test/${folder}/call-${callId}.mp3?${query}${hex(seedOf(callId, seconds))}${tail}`;
}

function hex(bits: number): string {
  return bits.toString(16).padStart(8, '0');
}
