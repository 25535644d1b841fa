// Which routes exist: all that are documented, but for the questions nobody could answer.
import { endpoints } from '../../aircall/index.ts';
import type { Endpoint, SwitchSettings } from '../../aircall/index.ts';
import type { ApiResponse } from './message.ts';
import { refused, refusedAtEdge, refusedByState } from './refusals.ts';

export type RouteEntry = { readonly method: string; readonly path: string; readonly endpoint: Endpoint };

export function routeEntries(switches: SwitchSettings): RouteEntry[] {
  const entries = endpoints.map((endpoint): RouteEntry => ({ method: endpoint.method, path: pathOf(endpoint, switches), endpoint }));
  const update = endpoints.find(({ id }) => id === 'contacts.update');
  if (switches.contactPut === 'accepted' && update !== undefined) entries.push({ method: 'PUT', path: update.path, endpoint: update });
  return entries;
}

/** How an endpoint answers that was removed or is not there for this account; undefined for one that is. */
export function absence(endpoint: Endpoint, switches: SwitchSettings, seed: number): ApiResponse | undefined {
  const answer = settingOf(endpoint, switches);
  switch (answer) {
    case 'gone404':
    case 'missing':
      return refusedAtEdge(404, seed);
    case 'gone410':
      return refused(410, 'This endpoint has been removed');
    case 'refused':
      return refusedByState(403, 'This endpoint is not available for your account');
    default:
      return undefined;
  }
}

/** Version 1 endpoints of users that have no form in version 2. */
const versionOneOnly = new Set(['users.delete', 'users.availabilities', 'users.availability', 'users.startCall', 'users.dial']);

function settingOf({ id, path, area, removedOn }: Endpoint, switches: SwitchSettings): string {
  if (id === 'conversation.realtimeTranscription') return switches.realtimeTranscription;
  if (versionOneOnly.has(id)) return switches.usersV1Others;
  if (area === 'users' && path.startsWith('/v2/')) return switches.usersV2;
  return area === 'users' && removedOn !== undefined ? switches.usersV1 : 'served';
}

function pathOf({ id, path }: Endpoint, switches: SwitchSettings): string {
  return id === 'integrations.retrieve' && switches.integrationPath === 'singular' ? '/v1/integration' : path;
}
