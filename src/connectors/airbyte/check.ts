// `check`: whether the credential works and what `read` needs can be read, for two requests.
import { type Clock, Interrupted, isTrunklineError, messageOf } from '../../base/index.ts';
import { type Aircall, isAircallError, type Wait } from '../../client/index.ts';
import { sentenceOf } from './failure.ts';

/** Platforms wait a minute for the answer. */
const answerWithinMs = 45_000;

/** Why the connection does not work, or null. Rejects with what nobody foresaw. */
export async function checkConnection(options: {
  readonly aircall: Aircall;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<string | null> {
  const { aircall, clock } = options;
  const deadline = new AbortController();
  const onAbort = () => deadline.abort(options.signal.reason);
  options.signal.addEventListener('abort', onAbort, { once: true });
  const waits: Wait[] = [];
  const request = { signal: deadline.signal, priority: 'interactive', onWait: (wait: Wait) => void waits.push(wait) } as const;
  clock.sleep(answerWithinMs, deadline.signal).then(
    () => deadline.abort(),
    () => {}, // The answer came first.
  );
  try {
    await aircall.ping.check(request);
    await aircall.calls.list({ perPage: 1 }, request).page(1);
    return null;
  } catch (error) {
    if (error instanceof Interrupted && !options.signal.aborted) return slow(waits.at(-1));
    if (isAircallError(error) && isTrunklineError(error)) return sentenceOf(error);
    throw error instanceof Error ? error : new Error(messageOf(error));
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    deadline.abort();
  }
}

function slow(lastWait: Wait | undefined): string {
  const within = `within ${answerWithinMs / 1000} seconds`;
  switch (lastWait?.reason) {
    case 'budget':
      return `The requests a minute that this machine may send to Aircall were used up, so there was no answer ${within}. Try again in a minute.`;
    case 'rate_limited':
      return `The company's requests of this minute are used up, so Aircall gave no answer ${within}. Try again in a minute.`;
    default:
      return `Aircall gave no answer ${within}. Try again, and see https://status.aircall.com.`;
  }
}
