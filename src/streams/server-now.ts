// The server's time for a stream that needs it before its first request.
import type { ReadContext } from './stream.ts';

/** UNIX seconds. Costs one request when no answer of this run has told the time yet. */
export async function serverNow(context: ReadContext): Promise<number> {
  const { aircall, request, serverTime } = context;
  if (!serverTime.known) await aircall.ping.check(request);
  return serverTime.now();
}
