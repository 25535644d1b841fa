import { nearest } from '../../base/index.ts';
import { switches as openQuestions, switchNames } from '../../aircall/index.ts';
import type { SwitchSettings } from '../../aircall/index.ts';
import { startSimulator } from '../../simulator/index.ts';
import { defineCommand, jsonOption, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { count } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { wrap } from '../output/width.ts';
import { InvalidValue, parseCount, parseQuota } from '../settings/parse.ts';

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
    switches: option.value('list', 'Other answers to what nobody outside Aircall knows for sure, as NAME=ANSWER,NAME=ANSWER.', {
      parse: parseSwitches,
      example: 'wrongKeyAnswer=application401',
    }),
    listSwitches: option.switch('List those questions and their possible answers.'),
    json: jsonOption,
  },
  settings: [],
  async run({ options, stdout, env, signal }) {
    if (options.listSwitches) {
      const width = stdout.isTerminal ? Math.min(stdout.columns(), 120) : 100;
      await stdout.write(
        options.json ? `${JSON.stringify(openQuestions, null, 2)}\n` : `${switchLines(styleOf(stdout, env), width).join('\n')}\n`,
      );
      return exitCodes.done;
    }
    const { seed, calls, contacts, users, rate, latency, port, switches } = options;
    const simulator = await startSimulator({
      ...(seed === undefined ? {} : { seed }),
      ...(calls === undefined ? {} : { calls }),
      ...(contacts === undefined ? {} : { contacts }),
      ...(users === undefined ? {} : { users }),
      ...(rate === undefined ? {} : { requestsPerMinute: rate }),
      ...(latency === undefined ? {} : { latencyMs: latency }),
      ...(port === undefined ? {} : { port }),
      ...(switches === undefined ? {} : { switches }),
    });
    try {
      const { baseUrl, apiId, apiToken, accessToken, authorizeUrl } = simulator;
      if (options.json) {
        const { clientId, clientSecret } = simulator.oauth.client;
        await stdout.write(`${JSON.stringify({ baseUrl, apiId, apiToken, accessToken, authorizeUrl, clientId, clientSecret })}\n`);
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

function parseSwitches(text: string): Partial<SwitchSettings> {
  const pairs = text.split(',').map((pair) => {
    const [name = '', answer = ''] = pair.trim().split('=');
    const known = switchNames.find((each) => each === name);
    if (known === undefined) {
      const near = nearest(name, switchNames);
      throw new InvalidValue(
        `names the switch "${name}", which does not exist${near === null ? '' : ` (did you mean ${near}?)`}; --list-switches lists them`,
      );
    }
    const answers = Object.keys(openQuestions[known].answers);
    if (!answers.includes(answer)) throw new InvalidValue(`gives ${name} the answer "${answer}", which is none of ${answers.join(', ')}`);
    return [known, answer] as const;
  });
  return Object.fromEntries(pairs); // each answer was found among those of its switch
}

function switchLines(style: Style, width: number): string[] {
  return switchNames.flatMap((name) => {
    const { question, answers, assumed } = openQuestions[name];
    return [
      `${style.bold(name)}  ${question}`,
      ...Object.entries(answers).flatMap(([answer, meaning]: [string, string]) =>
        wrap(meaning, Math.max(20, width - 26)).map((line, index) =>
          index === 0 ? `  ${style.cyan(answer.padEnd(20))} ${answer === assumed ? '*' : ' '} ${line}` : `${' '.repeat(25)}${line}`,
        ),
      ),
    ];
  });
}

/** Ctrl-C is how this command ends; it is no failure. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
