import { createLog, version } from '../../base/index.ts';
import { startOtlp } from '../../gateway/index.ts';
import { checkExposure } from '../../serve/index.ts';
import { defineCommand, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { auditListenersOf, gatewaySettings, keyringNotice, openGateway } from '../gateway.ts';
import { plural } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { identityOf, identitySettings } from '../identity.ts';
import { startServing } from '../serving.ts';
import { aircallSettings, logSettings, openAircall } from '../wire.ts';

export const command = defineCommand({
  description:
    'Serves the agents until Ctrl-C: requests on Aircall’s own paths, each decided by what its agent was granted, recorded, and answered with ' +
    'what it may see. Also /healthz, /readyz and /metrics. A public address needs TLS in front (TRUNKLINE_PUBLIC_URL) and TRUNKLINE_KEK. ' +
    'With TRUNKLINE_IDENTITY_ISSUER, tokens of the company’s identity provider count beside agents’ keys.',
  examples: [
    { line: 'trunkline serve', does: 'Serves on 127.0.0.1:4242.' },
    {
      line: 'trunkline serve --listen 0.0.0.0:4242 --public-url https://trunkline.example.com',
      does: 'Serves others, behind something that does TLS.',
    },
  ],
  options: {
    trustClock: option.switch('The clock is right, though it is behind the last record: it was wrong then.'),
  },
  settings: [
    ...new Set([
      ...gatewaySettings,
      ...aircallSettings,
      'listen',
      'publicUrl',
      'trustedProxies',
      'approvers',
      ...identitySettings,
      'otlpEndpoint',
      ...logSettings,
    ] as const),
  ],
  async run(context) {
    const { settings, options, stdout, stderr, env, clock, signal } = context;
    const { listen, publicUrl, trustedProxies, otlpEndpoint, kek, baseUrl, log: level, logFormat: format } = settings;
    checkExposure({ listen, publicUrl, sealed: kek !== null });
    const identity = identityOf(context);
    const log = createLog({ level, format, write: (line) => void stderr.write(`${line}\n`) });
    const aircall = await openAircall(context, log);
    const closing: (() => Promise<unknown>)[] = [aircall.close];
    try {
      const gateway = await openGateway(context, auditListenersOf(log));
      closing.push(gateway.close);
      const notice = keyringNotice(gateway);
      if (notice !== null) log.warn(notice);
      const otlp = otlpEndpoint === null ? null : await startOtlp({ endpoint: otlpEndpoint, version, clock });
      if (otlp !== null) closing.push(otlp.close);
      const { credential, from } = aircall.credential;
      const serving = await startServing({
        gateway,
        aircall: { credential, baseUrl, budget: aircall.budget },
        listen,
        publicUrl,
        trustedProxies: trustedProxies ?? [],
        fourEyes: settings.approvers === 'four-eyes',
        trustClock: options.trustClock,
        identity,
        otlp,
        clock,
        log,
        signal,
      });
      closing.push(serving.stop);
      const names = Object.values(gateway.policies.current().agents).filter(({ status }) => status === 'active');
      if (serving.unknown > 0)
        log.warn(`The last process stopped in the middle of ${plural(serving.unknown, 'request')}: see trunkline audit tail.`);
      const style = styleOf(stdout, env);
      await stdout.write(
        [
          `Serving ${plural(names.length, 'agent')} of company ${gateway.company} at ${style.bold(serving.url)} until Ctrl-C.`,
          `  Aircall     ${baseUrl}, with the credential from ${from}`,
          `  for agents  ${serving.url}/v1/… and /v2/…, Aircall’s own paths, with an agent’s key in place of the credential`,
          `              ${serving.url}/mcp for MCP; trunkline agents connect NAME says what to put where`,
          ...(identity === null ? [] : [`              or with tokens of ${identity.issuer}`]),
          `  for people  ${serving.url}/approvals, where those approve whom trunkline people add lets in`,
          `  for you     ${serving.url}/healthz, /readyz, and /metrics from this machine`,
          names.length === 0
            ? `Nobody may use it yet. Next: ${style.cyan('trunkline agents add "Support Agent" --owner "Olga Stein"')}`
            : `What they do stands in the log: ${style.cyan('trunkline audit tail')}`,
          '',
        ].join('\n'),
      );
      log.info('serving', { url: serving.url, agents: names.length, version });
      await Promise.race([aborted(signal), serving.lost]);
      log.info('stopping: requests under way are finished and recorded');
      const inOrder = await serving.stop();
      if (inOrder) log.info('stopped');
      else
        log.warn('stopped; some requests did not end in time and were cut off. What became of them stands in the log at the next start.');
      return exitCodes.done;
    } finally {
      for (const close of closing.reverse()) await close();
    }
  },
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
