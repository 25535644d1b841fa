// The question that a person in front of a client is asked before something is carried out. Our sentences stand as they are; what
// an agent, a third party or Aircall wrote stands below them as JSON, each on its own line, and says when it was cut.
import { isObject } from '../../base/index.ts';
import type { ReplyRefusal } from '../flow/call.ts';
import { showValue } from '../friction/shown.ts';
import type { CallArguments } from '../policy/decision.ts';

const longestValue = 120;
const mostValues = 30;

/**
 * `given`: the arguments as the agent wrote them. The row is what the agent may see of it, without the texts of third parties.
 */
export function askToConfirm(
  { sentence, consequence, row }: NonNullable<ReplyRefusal['confirm']>,
  { query, body }: Pick<CallArguments, 'query' | 'body'>,
): string {
  const values = shown({ ...query, ...body });
  const fields = isObject(row) && !Array.isArray(row) ? shown(row) : [];
  return [
    `${sentence} ${consequence}`,
    ...(values.length === 0 ? [] : ['With:', ...values]),
    ...(fields.length === 0 ? [] : ['As it is now:', ...fields]),
    'Do it?',
  ].join('\n');
}

function shown(values: Readonly<Record<string, unknown>>): readonly string[] {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  const lines = known.slice(0, mostValues).map(([name, value]) => {
    const { value: text, cutCharacters } = showValue(value, longestValue);
    return `- ${name}: ${text}${cutCharacters === 0 ? '' : ` (${cutCharacters} more characters)`}`;
  });
  return known.length > mostValues ? [...lines, `- and ${known.length - mostValues} more`] : lines;
}
