// Comments on a call:  npx tsx examples/comment-on-call.ts 4200000001 "Called back, all settled."
import { InvalidRequest, isAircallError, NotFound } from 'trunkline/client';
import { aircall } from './client.ts';

const [callId = '', content = ''] = process.argv.slice(2);

try {
  if (callId === '' || content === '') throw new Error('Say which call, and what to write.');
  await aircall.calls.comment(callId, { content });
  console.log(`Commented on call ${callId}.`);
} catch (error) {
  if (error instanceof NotFound) console.error(`There is no call ${callId}.`);
  else if (error instanceof InvalidRequest) console.error(`Aircall did not take the comment. ${error.hint ?? ''}`);
  // A write is never sent twice by itself: where its fate is unknown, look first.
  else if (isAircallError(error) && error.outcome === 'unknown') console.error('It is not known whether the comment was made.');
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

await aircall.close();
