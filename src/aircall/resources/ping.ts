// The probe: whether the credentials work, without reading anything.
import { endpoint } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';

const pong = entity({
  name: 'pong',
  meaning: 'The answer to a probe.',
  fields: { ping: field.text('Always pong.', { values: ['pong'] }) },
});
export type Pong = EntityOf<typeof pong>;

export const ping = {
  check: endpoint({
    id: 'ping.check',
    title: 'Check the credentials',
    area: 'company',
    method: 'GET',
    path: '/v1/ping',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'check the connection', past: 'checked the connection' } },
    answer: { envelope: 'bare', of: pong },
    status: 200,
    quirks: ['Needs credentials and tells no secrets.'],
  }),
} as const;
