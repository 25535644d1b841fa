// The gateway at work, put together: the flow with Aircall behind it, the HTTP server in front, and their end in the right order.
import { randomBytes, randomUUID } from 'node:crypto';
import { EnvironmentError, version } from '../base/index.ts';
import type { Budget, Clock, Log } from '../base/index.ts';
import { createRawClient } from '../client/index.ts';
import type { Credential } from '../client/index.ts';
import {
  acceptTokens,
  aircallMediaHosts,
  ClockWatch,
  createApprovals,
  createFilter,
  createFriction,
  createGateway,
  createLogins,
  createMcpSurface,
  createMediaDoor,
  createMediaLinks,
  createRestHandler,
  createTelemetry,
  createUpstream,
  createWireErrorHandler,
  observeGateway,
  observeParts,
  openKeyBook,
  refuseWhileBehind,
  systemRecord,
} from '../gateway/index.ts';
import type { GatewayNote, OtlpExport, TokenTerms } from '../gateway/index.ts';
import { createApprovalPages, createFetchMedia, createLoadKeys, hostsOf, isThisMachine, startServer } from '../serve/index.ts';
import type { KeysPlace } from '../serve/index.ts';
import { checkpointAside, FrictionStore, servingSignEveryMs, takeServingPlace } from '../store/index.ts';
import type { OpenGateway } from './gateway.ts';
import { openPeople } from './people.ts';

export type ServingOptions = {
  readonly gateway: OpenGateway;
  readonly aircall: { readonly credential: Credential; readonly baseUrl: string; readonly budget: Budget };
  readonly listen: { readonly host: string; readonly port: number };
  readonly publicUrl: string | null;
  readonly trustedProxies: readonly string[];
  /** Who answers for an agent, as a person who logs in, may not approve what it asks for. */
  readonly fourEyes: boolean;
  /** The clock is right, even where it is behind the last record. */
  readonly trustClock: boolean;
  /** Whose tokens count beside the keys of agents; null: nobody’s. */
  readonly identity: IdentityOptions | null;
  readonly otlp: OtlpExport | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
};

export type IdentityOptions = Omit<TokenTerms, 'audience'> & {
  /** Null: the address of /mcp. */
  readonly audience: string | null;
  /** Null: where the issuer says. */
  readonly place: KeysPlace | null;
};

export type Serving = {
  /** Where others reach it. */
  readonly url: string;
  /** Requests that the last process left without a known outcome. */
  readonly unknown: number;
  /** Rejects when another process has taken over, never resolves. */
  readonly lost: Promise<never>;
  /** Ends in good order. True when nothing had to be cut off. Safe to call twice. */
  readonly stop: () => Promise<boolean>;
};

/** How long requests under way may take to end. A request waits at most 8 s for its turn, and Aircall is given 30 s. */
const stopPatienceMs = 45_000;

/** Throws `UsageError` when another process serves already, `AuditUnavailable` when nothing can be recorded. */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const { gateway: opened, aircall, listen, trustedProxies, identity, otlp, clock, log, signal } = options;
  const { database, company, agents, policies, audit, keyring } = opened;
  const { keys } = keyring;
  const place = await takeServingPlace({ database, company, clock, signal });
  const closing: (() => Promise<unknown>)[] = [() => place.leave()];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    closing.push(checkpointAside(database, log));
    const client = createRawClient({
      timeoutMs: 30_000,
      maximumResponseBytes: 16 * 1024 * 1024,
      ...aircall,
      priority: 'agent',
      clock,
      log,
    });
    closing.push(() => client.close());
    const telemetry = createTelemetry({ clock, version, ...(otlp === null ? {} : { meter: otlp.meter, tracer: otlp.tracer }) });
    const watch = new ClockWatch({ clock, log, lastMs: options.trustClock ? null : audit.lastMs() });
    const own = openKeyBook({ store: agents, pepper: keys.agentKey });
    const newCallId = () => `req_${randomUUID().replaceAll('-', '')}`;
    const frictionStore = new FrictionStore({ database, company });
    const friction = createFriction({ store: frictionStore, company, keys, random: randomBytes, clock });
    telemetry.metrics.approvalsWaiting(() =>
      frictionStore.countAllWaiting({ policyVersion: policies.current().version, nowMs: clock.now() }),
    );
    let url = '';
    let unknown = 0;
    const server = await startServer({
      listen,
      open: async ({ port, addressOf }) => {
        url = options.publicUrl ?? `http://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}`;
        const all =
          identity === null
            ? own
            : acceptTokens(own, {
                terms: { ...identity, audience: identity.audience ?? `${url}/mcp` },
                load: createLoadKeys(identity),
                policies,
                key: keys.token,
                clock,
                log,
              });
        const book = refuseWhileBehind(all, watch);
        const links = createMediaLinks({
          key: keys.link,
          company,
          baseUrl: `${url}/media/`,
          hosts: aircallMediaHosts,
          random: randomBytes,
        });
        const filter = createFilter({ company, keys, media: links });
        const parts = observeParts({ audit, upstream: createUpstream(client), filter }, telemetry);
        const flow = createGateway({ ...parts, policies, keys: book, friction, clock, newCallId, log }, { publicUrl: url }, tellLog(log));
        const media = createMediaDoor({
          policies,
          keys: book,
          audit: parts.audit,
          links,
          fetch: createFetchMedia(),
          clock,
          newCallId,
          log,
        });
        const behindMs = audit.lastMs() - clock.now();
        if (options.trustClock && behindMs > 0) {
          const sentence = `The operator says that the clock is right, though it is ${Math.ceil(behindMs / 60_000)} minutes behind the last record.`;
          await audit.append(systemRecord(newCallId(), sentence), { durability: 'power' });
        }
        ({ unknown } = await flow.recover());
        const gateway = observeGateway(flow, telemetry);
        const hosts = hostsOf({ listen, publicUrl: options.publicUrl }, port);
        const mcp = createMcpSurface({
          gateway,
          policies,
          key: keys.confirm,
          clock,
          log,
          version,
          publicUrl: url,
          hosts,
          addressOf,
          issuer: identity?.issuer ?? null,
          approvalUrl: (id) => `${url}/approvals/${id}`,
        });
        const people = openPeople(opened, clock);
        const logins = createLogins(people);
        const pages = createApprovalPages({
          approvals: createApprovals({ store: frictionStore, company, keys, clock, policyVersion: () => policies.current().version }),
          // A login that somebody wrote into the file shows nobody anything.
          logins: {
            ...logins,
            find: (token) => {
              watch.check();
              audit.trust();
              return logins.find(token);
            },
          },
          people: people.desk,
          policies,
          audit,
          fourEyes: options.fourEyes,
          origins: options.publicUrl === null ? hosts.map((host) => `http://${host}`) : [new URL(options.publicUrl).origin],
          clock,
          random: randomBytes,
          log,
        });
        return {
          rest: createRestHandler({ gateway, clock, hosts, addressOf }),
          mcp,
          media: media.open,
          approvals: pages,
          wireError: createWireErrorHandler({ gateway }),
          drain: async () => {
            await mcp.close();
            await media.close();
            await pages.close();
            await flow.close();
          },
        };
      },
      checks: {
        store: () => agents.probe(),
        audit: () => audit.check(),
        policy: async () => void policies.current(),
        clock: async () => watch.check(),
      },
      metrics: telemetry.prometheus,
      trustedProxies,
      clock,
      log,
    });
    if (options.fourEyes) {
      const { desk } = openPeople(opened, clock);
      for (const { name, owner, status } of Object.values(policies.current().agents)) {
        if (status === 'active' && desk.find(owner) === null) log.warn(ownerUnknown(name));
      }
    }
    const reached = reachedHere(listen.host);
    if (reached !== null) await place.announce(`http://${reached}:${server.port}`);
    const signs = new AbortController();
    const lost = keepPlace(() => place.sign(), { clock, log, signal: signs.signal });
    // It is looked at by whoever waits for it; when nobody does any more, its end is no news.
    lost.catch(() => {});
    let stopping: Promise<boolean> | null = null;
    const stop = async () => {
      const inOrder = await server.stop(stopPatienceMs);
      signs.abort();
      await close();
      return inOrder;
    };
    return { url, unknown, lost, stop: () => (stopping ??= stop()) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Names the agent alone: lines of the server hold no name of a person. */
function ownerUnknown(agent: string): string {
  return (
    `Nobody can approve what ${agent} asks for: four eyes are asked for, and its owner is nobody whom trunkline people lists. ` +
    `Say who it is: trunkline agents set "${agent}" --owner "Olga Stein".`
  );
}

/** Under which address other processes of this machine reach it; null: under none that is only this machine's. */
function reachedHere(host: string): string | null {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  if (!isThisMachine(host)) return null;
  return host.includes(':') ? `[${host}]` : host;
}

/** Without personal data: what was asked for, what came of it, how long it took. */
function tellLog(log: Log): (note: GatewayNote) => void {
  return (note) => {
    if (note.kind === 'reply') {
      const { capability, result, durationMs } = note;
      log.debug('request', { capability, result, durationMs: Math.round(durationMs) });
    } else log.warn('Aircall sent fields that are not known and were left out', { capability: note.capability, fields: note.names.length });
  };
}

/** Says again and again that this process lives. Rejects when its place is gone: two must not serve. */
async function keepPlace(
  sign: () => Promise<boolean>,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
): Promise<never> {
  for (;;) {
    await clock.sleep(servingSignEveryMs, signal);
    try {
      if (await sign()) continue;
    } catch (error) {
      // The store cannot be written now. Then nothing is served anyway, as nothing can be recorded.
      log.error('the sign of life could not be written', { error: error instanceof Error ? error.name : typeof error });
      continue;
    }
    throw new EnvironmentError({
      code: 'serving_lost',
      message: 'Another process serves these agents now: this one was silent for too long, and has stopped.',
      hint: 'Keep one of them. A process that hangs for most of a minute may be short of memory or of a disk that answers.',
    });
  }
}
