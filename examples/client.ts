// The client all examples share, made from the environment:
//
//   AIRCALL_API_ID and AIRCALL_API_TOKEN, or AIRCALL_ACCESS_TOKEN   who asks
//   AIRCALL_BASE_URL                                                another Aircall than the real one, such as the simulator
//
// Run an example with `npx tsx examples/missed-calls.ts`, or with a Node that runs TypeScript by itself.
import { createClient } from 'trunkline/client';

const { AIRCALL_API_ID, AIRCALL_API_TOKEN, AIRCALL_ACCESS_TOKEN, AIRCALL_BASE_URL } = process.env;

export const aircall = createClient({
  credential: AIRCALL_ACCESS_TOKEN
    ? { accessToken: AIRCALL_ACCESS_TOKEN }
    : { apiId: AIRCALL_API_ID ?? '', apiToken: AIRCALL_API_TOKEN ?? '' },
  ...(AIRCALL_BASE_URL ? { baseUrl: AIRCALL_BASE_URL } : {}),
});
