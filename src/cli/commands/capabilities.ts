import { areas, effects } from '../../aircall/index.ts';
import { UsageError } from '../../base/index.ts';
import { argumentsSchema, capabilities, factsOf } from '../../gateway/index.ts';
import type { CapabilityFacts } from '../../gateway/index.ts';
import { defineCommand, jsonOption, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { styleOf } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { wrap } from '../output/width.ts';
import { parseChoice, parseText } from '../settings/parse.ts';

const offered = new Set<string>(capabilities.map(({ area }) => area));
const offeredAreas = areas.filter((area) => offered.has(area));

export const command = defineCommand({
  description:
    'Lists what agents can be granted: each endpoint of Aircall with the access it needs, what stands before it, its webhook event, its ' +
    'limits and its cost. What is not in the list does not exist for agents.',
  examples: [
    { line: 'trunkline capabilities', does: 'All of them, by area.' },
    { line: 'trunkline capabilities --area contacts', does: 'Those of one area.' },
    { line: 'trunkline capabilities --effect delete', does: 'Everything that deletes.' },
    { line: 'trunkline capabilities --search recording', does: 'Those whose name, path or description has the word.' },
    { line: 'trunkline capabilities --json', does: 'Everything for a program, with the JSON Schema of the arguments.' },
  ],
  options: {
    area: option.value('area', `Only this area: ${offeredAreas.join(', ')}.`, { parse: parseChoice(...offeredAreas), example: 'contacts' }),
    effect: option.value('effect', `Only what does this to Aircall: ${effects.join(', ')}.`, {
      parse: parseChoice(...effects),
      example: 'delete',
    }),
    search: option.value('text', 'Only those whose name, path, description or event has all of these words.', {
      parse: parseText,
      example: 'recording',
    }),
    json: jsonOption,
  },
  settings: [],
  async run({ options, stdout, env }) {
    const words = (options.search ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const chosen = capabilities
      .map((capability) => ({ capability, facts: factsOf(capability) }))
      .filter(({ facts }) => options.area === undefined || facts.area === options.area)
      .filter(({ facts }) => options.effect === undefined || facts.effect === options.effect)
      .filter(({ facts }) => words.every((word) => searchable(facts).includes(word)));
    if (options.json) {
      const listed = chosen.map(({ capability, facts }) => ({ ...facts, arguments: argumentsSchema(capability) }));
      await stdout.write(`${JSON.stringify({ capabilities: listed }, null, 2)}\n`);
      return exitCodes.done;
    }
    if (chosen.length === 0) {
      throw new UsageError({
        code: 'no_such_capability',
        message: 'No capability fits all of that.',
        hint: 'Leave out --area, --effect or --search; without them all are listed.',
      });
    }
    const style = styleOf(stdout, env);
    const width = Math.min(stdout.isTerminal ? stdout.columns() : 100, 120);
    const lines = offeredAreas.flatMap((area) => {
      const ofArea = chosen.filter(({ facts }) => facts.area === area);
      return ofArea.length === 0 ? [] : [style.bold(area), '', ...ofArea.flatMap(({ facts }) => linesOf(facts, style, width))];
    });
    await stdout.write(`${lines.join('\n')}\n${chosen.length} of ${capabilities.length} capabilities.\n`);
    return exitCodes.done;
  },
});

function searchable({ id, does, path, method, event, product }: CapabilityFacts): string {
  return [id, does, method, path, event, product].join(' ').toLowerCase();
}

const fetched = { 1: 'one request', 2: 'up to two requests: it may have to look at the row first' } as const;

const before = {
  none: '',
  confirm: ', after the agent has confirmed it',
  approve: ', after a person has approved it',
} as const;

function linesOf(facts: CapabilityFacts, style: Style, width: number): string[] {
  const { id, does, method, path, access, effect, kind, friction, cost, event, limits, product, endsOn } = facts;
  const told: readonly (readonly [string, string])[] = [
    ['request', `${method} ${path}`],
    ['access', `${access} on ${facts.area}${before[friction]}`],
    ['effect', `${effect} (${kind})`],
    ['cost', cost === 1 || cost === 2 ? fetched[cost] : `${cost} requests`],
    ...(event === null ? [] : [['event', event] as const]),
    ...(product === null ? [] : [['needs', product] as const]),
    ...(endsOn === null ? [] : [['ends', endsOn] as const]),
    ...limits.map((limit) => ['limit', limit.replaceAll('`', '')] as const),
  ];
  return [
    `  ${style.bold(id)}  ${does}`,
    ...told.flatMap(([name, text]) =>
      wrap(text, width - 14).map((line, index) => `    ${style.dim((index === 0 ? name : '').padEnd(8))} ${line}`),
    ),
    '',
  ];
}
