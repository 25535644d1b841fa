// What the actions of `trunkline agents` are handed, and what they share.
import type { AgentDesk, Changed, Policy } from '../../gateway/index.ts';
import { DangerousCombination } from '../../gateway/index.ts';
import type { CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { OpenGateway } from '../gateway.ts';
import { confirm } from '../output/prompt.ts';
import { styleOf } from '../output/style.ts';
import type { AgentOptions, agentSettings } from './options.ts';

export type AgentsContext = CommandContext<AgentOptions, (typeof agentSettings)[number]> & {
  readonly gateway: OpenGateway;
  /** Where changes are made in the operator's name. Throws `UsageError` where nobody can be named. */
  readonly desk: () => AgentDesk;
  /** The words after the action. */
  readonly words: readonly string[];
};

/** Does the work of one action and returns the exit code. */
export type Action = (context: AgentsContext) => Promise<number>;

export function policyOf(context: AgentsContext): Policy {
  return context.gateway.policies.current();
}

/** Writes lines, or with --json the document. */
export async function answer(context: AgentsContext, json: unknown, lines: () => readonly string[]): Promise<number> {
  const { options, stdout } = context;
  await stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : `${lines().join('\n')}\n`);
  return exitCodes.done;
}

/** Says what was recorded. */
export async function tell(context: AgentsContext, changed: Changed, more: readonly string[] = []): Promise<number> {
  const { sentence, seq, policy } = changed;
  return answer(context, { sentence, record: seq, policyVersion: policy.version }, () => [sentence, ...more]);
}

/** Makes a change; where it makes a dangerous combination, the person at the terminal is asked to accept it. */
export async function accepting(
  context: AgentsContext,
  change: (options: { readonly acceptsCombination: boolean }) => Promise<Changed>,
): Promise<Changed> {
  const { options, isInteractive, stderr, env } = context;
  try {
    return await change({ acceptsCombination: options.acceptCombination });
  } catch (error) {
    if (!(error instanceof DangerousCombination) || !isInteractive || options.json) throw error;
    await stderr.write(`${styleOf(stderr, env).yellow('Warning:')} ${error.message}\n`);
    if (!(await confirm(context, 'Accept that? It is recorded that you did.', error.hint ?? ''))) throw error;
    return change({ acceptsCombination: true });
  }
}

export function widthOf(context: AgentsContext): number {
  return Math.min(context.stdout.isTerminal ? context.stdout.columns() : 100, 140);
}
