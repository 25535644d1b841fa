import { startSimulator } from '../../simulator/index.ts';
import { defineCommand, jsonOption, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { count } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { parseCount, parseQuota } from '../settings/parse.ts';

export const command = defineCommand({
  description:
    'Serves a simulated Aircall company on this machine until Ctrl-C and prints its base URL and credentials. The same seed gives the same ' +
    'company.',
  examples: [
    { line: 'trunkline simulator', does: 'A small company on a free port, with the 120 requests a minute of the real Aircall.' },
    { line: 'trunkline simulator --calls 25000 --contacts 12000 --rate 6000 --port 8080', does: 'A larger and more generous one.' },
    { line: 'trunkline simulator --json', does: 'Base URL and credentials as one line of JSON.' },
  ],
  options: {
    seed: option.value('number', 'Which company it is. Default: 1.', { parse: parseCount(0), example: '7' }),
    calls: option.value('count', 'Calls. Default: 1000.', { parse: parseCount(0), example: '25000' }),
    contacts: option.value('count', 'Contacts. Default: 400.', { parse: parseCount(0), example: '12000' }),
    users: option.value('count', 'Users. Default: 12.', { parse: parseCount(1), example: '50' }),
    rate: option.value('count', 'Requests a minute, or off. Default: 120.', { parse: parseQuota, example: '6000' }),
    latency: option.value('ms', 'Milliseconds every answer is held back. Default: 0.', { parse: parseCount(0), example: '300' }),
    port: option.value('port', 'Default: a free one.', { parse: parseCount(0), example: '8080' }),
    json: jsonOption,
  },
  settings: [],
  async run({ options, stdout, env, signal }) {
    const { seed, calls, contacts, users, rate, latency, port } = options;
    const simulator = await startSimulator({
      ...(seed === undefined ? {} : { seed }),
      ...(calls === undefined ? {} : { calls }),
      ...(contacts === undefined ? {} : { contacts }),
      ...(users === undefined ? {} : { users }),
      ...(rate === undefined ? {} : { requestsPerMinute: rate }),
      ...(latency === undefined ? {} : { latencyMs: latency }),
      ...(port === undefined ? {} : { port }),
    });
    try {
      const { baseUrl, apiId, apiToken, accessToken } = simulator;
      if (options.json) {
        await stdout.write(`${JSON.stringify({ baseUrl, apiId, apiToken, accessToken })}\n`);
      } else {
        const style = styleOf(stdout, env);
        await stdout.write(
          [
            `A simulated Aircall with ${count(calls ?? 1000)} calls and ${count(contacts ?? 400)} contacts answers at ${style.bold(baseUrl)} until Ctrl-C.`,
            '',
            `  export AIRCALL_BASE_URL=${baseUrl}`,
            `  export AIRCALL_API_ID=${apiId}`,
            `  export AIRCALL_API_TOKEN=${apiToken}`,
            '',
            'or, as an OAuth integration:',
            '',
            `  export AIRCALL_ACCESS_TOKEN=${accessToken}`,
            '',
            `Then, in another terminal: trunkline sync`,
            '',
          ].join('\n'),
        );
      }
      await aborted(signal);
      return exitCodes.done;
    } finally {
      await simulator.close();
    }
  },
});

/** Ctrl-C is how this command ends; it is no failure. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
