// A capture beside a simulated company: the runtime's double, and the task that it runs.
import { onTestFinished } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { FlowRuntime } from './flow-runtime.ts';
import { differencesFrom, type TruthOptions } from './flow-truth.ts';

export type Capture = {
  readonly simulator: Simulator;
  readonly runtime: FlowRuntime;
  /** What must not stand in any output. */
  readonly secrets: readonly string[];
  /** What differs between the collections and what Aircall has now. */
  differences(options?: TruthOptions): readonly string[];
};

export type CaptureOptions = {
  readonly simulator?: SimulatorOptions;
  /** Beside credentials and address. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly advanced?: Readonly<Record<string, unknown>>;
};

/** Reads everything once and ends, unless `advanced` says otherwise. Closed when the test is over. */
export async function openCapture(options: CaptureOptions = {}): Promise<Capture> {
  const simulator = await startSimulator({ seed: 3, calls: 320, contacts: 130, requestsPerMinute: 'off', ...options.simulator });
  onTestFinished(() => simulator.close());
  const { apiId, apiToken, baseUrl } = simulator;
  const runtime = new FlowRuntime({
    credentials: { credentials_title: 'API Token', api_id: apiId, api_token: apiToken },
    quota: 0,
    ...options.config,
    advanced: { base_url: baseUrl, run_once: true, ...options.advanced },
  });
  const basic = Buffer.from(`${apiId}:${apiToken}`).toString('base64');
  return {
    simulator,
    runtime,
    secrets: [apiId, apiToken, basic],
    differences: (truthOptions) => differencesFrom(runtime, simulator.truth(), truthOptions),
  };
}
