// What is answered. The runtime decodes it strictly: one more key than it knows is the end of the task.
import type { JsonObject } from '../../base/index.ts';

/** Of the protocol itself; the only one there is. */
export const protocolVersion = 3_032_023;

export type DiscoveredBinding = {
  readonly recommendedName: string;
  readonly resourceConfig: JsonObject;
  readonly documentSchema: JsonObject;
  /** JSON pointers. */
  readonly key: readonly string[];
  /** Listed, but switched off until somebody chooses it. */
  readonly disable?: true;
};

export type Response =
  | {
      readonly spec: {
        readonly protocol: typeof protocolVersion;
        readonly configSchema: JsonObject;
        readonly resourceConfigSchema: JsonObject;
        readonly documentationUrl: string;
        readonly resourcePathPointers: readonly string[];
      };
    }
  | { readonly discovered: { readonly bindings: readonly DiscoveredBinding[] } }
  | { readonly validated: { readonly bindings: readonly { readonly resourcePath: readonly string[] }[] } }
  | { readonly applied: { readonly actionDescription: string } }
  | { readonly opened: { readonly explicitAcknowledgements: boolean } };

export function responseLine(response: Response): string {
  return `${JSON.stringify(response)}\n`;
}

/** `document` is JSON text. */
export function capturedLine(binding: number, document: string): string {
  return `{"captured":{"binding":${binding},"doc":${document}}}\n`;
}

export function sourcedSchemaLine(binding: number, documentSchema: JsonObject): string {
  return `${JSON.stringify({ sourcedSchema: { binding, documentSchema } })}\n`;
}

/** `updated` is merged into the state by RFC 7396. */
export function checkpointLine(updated: JsonObject): string {
  return `${JSON.stringify({ checkpoint: { state: { updated, mergePatch: true } } })}\n`;
}
