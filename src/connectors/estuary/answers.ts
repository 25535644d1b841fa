// The requests that take one answer: what the connector is, what there is to read, and whether a task can work.
import type { Clock, Log } from '../../base/index.ts';
import { offeredStreams } from '../connector-streams.ts';
import {
  checkEndpointConfig,
  configSchema,
  type EndpointConfig,
  resourceConfigOf,
  resourceConfigSchema,
  resourcePathPointer,
} from './configuration.ts';
import type { Connect } from './connect.ts';
import { documentSchema, keyOf } from './document-schema.ts';
import { TaskRefused } from './errors.ts';
import type { ValidateRequest } from './requests.ts';
import { type DiscoveredBinding, protocolVersion, type Response } from './responses.ts';
import { checkTask } from './task.ts';

export type AnswerOptions = {
  readonly connect: Connect;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

const documentationUrl = 'https://developer.aircall.io';

export function spec(): Response {
  return {
    spec: { protocol: protocolVersion, configSchema, resourceConfigSchema, documentationUrl, resourcePathPointers: [resourcePathPointer] },
  };
}

/** Depends on nothing but the declarations; Aircall is asked whether the credential is good, and nothing else. */
export async function discover(config: unknown, options: AnswerOptions): Promise<Response> {
  const checked = checkEndpointConfig(config, options.clock.now());
  if ('problems' in checked) throw new TaskRefused('The endpoint configuration', checked.problems);
  await tryCredential(checked.value, options);
  return { discovered: { bindings: offeredStreams.map(discovered) } };
}

/** Throws `TaskRefused` with everything that is wrong, or the error with which Aircall refused the credential. */
export async function validate(request: ValidateRequest, options: AnswerOptions): Promise<Response> {
  const { endpoint, bindings, problems } = checkTask(request, options.clock.now());
  const all = [...problems];
  if (endpoint !== null) {
    try {
      await tryCredential(endpoint, options);
    } catch (error) {
      if (all.length === 0 || !(error instanceof Error)) throw error;
      all.push(error.message.replace(/\.$/, ''));
    }
  }
  if (all.length > 0) throw new TaskRefused('The task', all);
  return { validated: { bindings: bindings.map(({ resourcePath }) => ({ resourcePath })) } };
}

/** Nothing has to be set up at Aircall. */
export function apply(): Response {
  return { applied: { actionDescription: '' } };
}

function discovered({ name, shape, optIn }: (typeof offeredStreams)[number]): DiscoveredBinding {
  return {
    recommendedName: name,
    resourceConfig: resourceConfigOf(name),
    documentSchema: documentSchema(shape),
    key: keyOf(shape),
    ...(optIn === true ? { disable: true } : {}),
  };
}

async function tryCredential(endpoint: EndpointConfig, { connect, log, signal }: AnswerOptions): Promise<void> {
  const { aircall, close } = await connect(endpoint, log);
  try {
    await aircall.ping.check({ signal, priority: 'interactive' });
  } finally {
    await close();
  }
}
