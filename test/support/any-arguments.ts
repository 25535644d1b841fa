// Arguments that a capability takes, at random: from the endpoint's own description of its parameters.
import fc from 'fast-check';
import type { Parameter, Parameters } from '../../src/aircall/index.ts';

/** Only what this says of a capability is needed, so that no room has to be opened for it. */
type Described = { readonly endpoint: { readonly at?: Parameters; readonly query?: Parameters; readonly body?: Parameters } };

export type AnyArguments = {
  readonly at: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>> | null;
};

/** Arguments in their one way of writing, but for the order of ids in lists. */
export function anyArguments({ endpoint }: Described): fc.Arbitrary<AnyArguments> {
  const { at = {}, query = {}, body } = endpoint;
  return fc.record({
    // Every path parameter is text.
    at: anyObject(at, 'at') as fc.Arbitrary<Readonly<Record<string, string>>>,
    query: anyObject(query, 'query'),
    body: body === undefined ? fc.constant(null) : anyObject(body, 'body'),
  });
}

const anyId = fc.oneof(fc.integer({ min: 1, max: 1_000_000 }).map(String), fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String));

type Place = 'at' | 'query' | 'body';

function anyObject(described: Parameters, place: Place): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const groups = new Map<string, [string, Parameter][]>();
  for (const [name, parameter] of Object.entries(described)) {
    const group = parameter.oneOf ?? '';
    groups.set(group, [...(groups.get(group) ?? []), [name, parameter]]);
  }
  const alone = (groups.get('') ?? []).filter(([, { agents }]) => agents === undefined || 'always' in agents);
  const choices = [...groups].flatMap(([group, members]) => (group === '' ? [] : [fc.constantFrom(...members)]));
  return fc.tuple(...choices).chain((chosen) => {
    const given = new Set(chosen.map(([name]) => name));
    const free = alone.filter(([, { onlyWith }]) => onlyWith === undefined || given.has(onlyWith));
    const members = [...free, ...chosen];
    return fc.record(Object.fromEntries(members.map(([name, parameter]) => [name, anyValue(parameter, place)])), {
      requiredKeys: [...chosen, ...free.filter(([, each]) => each.required === true || each.agents !== undefined)].map(([name]) => name),
    });
  });
}

function anyValue(parameter: Parameter, place: Place): fc.Arbitrary<unknown> {
  const value = anyPlainValue(parameter, place);
  return parameter.nullable === true && place === 'body' ? fc.option(value) : value;
}

function anyPlainValue(parameter: Parameter, place: Place): fc.Arbitrary<unknown> {
  const { type, format, values, minimum, maximum, maximumLength, maximumItems = 4, fields } = parameter;
  if (values !== undefined) return fc.constantFrom(...values);
  switch (type) {
    case 'id':
      return anyId;
    case 'integer':
      // Small, so that the position in a list stays under its cap.
      return fc.integer({
        min: minimum ?? 0,
        max: Math.min(maximum ?? 100_000, format === undefined ? (minimum ?? 0) + 99 : 2_000_000_000),
      });
    case 'boolean':
      return place === 'query' ? fc.constant(true) : fc.boolean();
    case 'text':
      return format === undefined ? anyText(maximumLength) : formats[format];
    case 'object':
      return fields === undefined
        ? fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), anyText(50), { maxKeys: 3 })
        : anyObject(fields, place);
    case 'id[]':
      return fc.uniqueArray(anyId, { minLength: 1, maxLength: maximumItems });
    case 'text[]':
      return fc.uniqueArray(format === undefined ? anyText(50) : formats[format], { minLength: 1, maxLength: maximumItems });
    case 'object[]':
      return fc.array(anyObject(fields ?? {}, place), { minLength: 1, maxLength: Math.min(maximumItems, 4) });
  }
}

function anyText(longest = 60): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: Math.min(longest, 60) })
    .filter((text) => text.length <= longest && !/[\u0000-\u001f\u007f-\u009f]/.test(text));
}

const formats: Readonly<Record<NonNullable<Parameter['format']>, fc.Arbitrary<string>>> = {
  'unix-seconds': fc.constant('1'),
  e164: fc.stringMatching(/^\+[1-9][0-9]{5,14}$/),
  email: fc.stringMatching(/^[a-z0-9]{1,12}(\.[a-z0-9]{1,5})?@[a-z0-9]{1,12}\.example$/),
  'https-url': fc.stringMatching(/^https:\/\/[a-z]{1,12}\.example\/[a-z0-9/]{0,20}$/),
  'hex-color': fc.stringMatching(/^#[0-9A-Fa-f]{6}$/),
  'iana-time-zone': fc.constantFrom('Europe/Paris', 'Etc/UTC', 'America/Argentina/Buenos_Aires'),
  'id-or-email': fc.oneof(anyId, fc.stringMatching(/^[a-z0-9]{1,12}@[a-z0-9]{1,12}\.example$/)),
  'uuid-or-id': fc.oneof(anyId, fc.uuid()),
  language: fc.constantFrom('en', 'en-US', 'fr-FR'),
  'iso-date': fc.constantFrom('2026-09-01', '2026-09-01T00:00:00Z'),
  token: fc.stringMatching(/^[A-Za-z0-9_:-]{1,20}$/),
  'page-token': fc.stringMatching(/^[A-Za-z0-9_:+/=-]{1,40}$/),
};
