// How values of a class are shown to an agent.
import { isObject } from '../../base/index.ts';
import { fieldTreatments } from './types.ts';
import type { FieldRule, FieldTreatment, GrantArea, RuledClass } from './types.ts';

/** Classes whose values recur: the same phone number stands on a contact, on its calls and on its messages. */
const recurring: ReadonlySet<string> = new Set<RuledClass>(['phone', 'email', 'person']);

/**
 * Of the rules for the area the strictest; else of those for all areas the strictest; else what follows from the other
 * rules: a phone number, an e-mail address or a name that is masked in one area would stand in clear in the next, so without
 * a rule of its own an area is as strict as the strictest other one. Without any rule, values are shown; media links are hidden
 * in any case unless recordings may be read. A treatment nobody knows hides.
 */
export function treatmentOf(
  agent: { readonly rules: readonly FieldRule[]; readonly recordings: boolean },
  area: GrantArea,
  ofClass: RuledClass,
): FieldTreatment {
  if (ofClass === 'media' && !agent.recordings) return 'hide';
  const rules = agent.rules.filter((rule) => isObject(rule) && rule.class === ofClass);
  const ofArea = rules.filter((rule) => rule.area === area);
  if (ofArea.length > 0) return strictest(ofArea);
  const ofAll = rules.filter((rule) => rule.area === null);
  if (ofAll.length > 0) return strictest(ofAll);
  return recurring.has(ofClass) ? strictest(rules) : 'show';
}

function strictest(rules: readonly FieldRule[]): FieldTreatment {
  return rules.map(({ treatment }) => (fieldTreatments.includes(treatment) ? treatment : 'hide')).reduce(stricter, 'show');
}

function stricter(one: FieldTreatment, other: FieldTreatment): FieldTreatment {
  return fieldTreatments.indexOf(one) > fieldTreatments.indexOf(other) ? one : other;
}
