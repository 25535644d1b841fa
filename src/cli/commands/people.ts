import { UsageError } from '../../base/index.ts';
import { grantAreas, tellAreas } from '../../gateway/index.ts';
import type { ApproverAreas, Person, PersonAdmitted, PersonChanged } from '../../gateway/index.ts';
import { areaNamed } from '../agents/words.ts';
import { defineCommand, jsonOption, option } from '../command.ts';
import type { CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { gatewaySettings, keyringNotice, openGateway, operatorOf } from '../gateway.ts';
import type { OpenGateway } from '../gateway.ts';
import { ask, confirm } from '../output/prompt.ts';
import { openPeople } from '../people.ts';
import type { OpenPeople } from '../people.ts';
import { parseChoice, parseNames, parseText } from '../settings/parse.ts';

const actions = ['list', 'add', 'set', 'password', 'remove'] as const;
type Action = (typeof actions)[number];

const options = {
  role: option.value('role', 'add: what for. There is one role: approver.', { parse: parseChoice('approver'), example: 'approver' }),
  areas: option.value('list', 'add, set: the areas to decide about, or all. Default at add: all.', {
    parse: parseNames,
    example: 'calls,contacts',
  }),
  ask: option.switch('add, password: ask for the password instead of making one.'),
  yes: option.switch('remove: do not ask.'),
  by: option.value('name', 'Who makes the change, for the log. Default: the name of the system’s user.', {
    parse: parseText,
    example: 'otto',
  }),
  json: jsonOption,
};

type Context = CommandContext<typeof options, (typeof gatewaySettings)[number]>;

export const command = defineCommand({
  description:
    'The people who approve or refuse, in the browser, what agents may do only once a person has said yes. Each logs in with name and ' +
    'password at the page /approvals of trunkline serve. A password that is made here is shown once and has to be changed at the first login.',
  examples: [
    { line: 'trunkline people add "Olga Stein" --role approver --areas calls,contacts', does: 'Lets her decide about calls and contacts.' },
    { line: 'trunkline people', does: 'Everybody, and what they decide about.' },
    { line: 'trunkline people set "Olga Stein" --areas all', does: 'Other areas, from her next click on.' },
    { line: 'trunkline people password "Olga Stein"', does: 'A new password for a lost one; ends her logins.' },
    { line: 'trunkline people remove "Olga Stein"', does: 'Ends her logins at once.' },
  ],
  arguments: [
    { name: '[action]', meaning: `${actions.join(', ')}; list when there is none.` },
    { name: '[name]', meaning: 'The person’s name, as it is to stand in the log.' },
  ],
  options,
  settings: gatewaySettings,
  async run(context) {
    const action = actionOf(context.arguments[0]);
    const name = context.arguments[1] ?? null;
    if (action !== 'list' && name === null) {
      throw new UsageError({ code: 'person_name_missing', message: 'Nobody is named.', hint: `trunkline people ${action} "Olga Stein".` });
    }
    const gateway = await openGateway(context);
    try {
      const notice = keyringNotice(gateway);
      if (notice !== null) await context.stderr.write(`${notice}\n`);
      const people = openPeople(gateway, context.clock);
      if (action === 'list' || name === null) return await list(context, people.desk.people());
      return await change({ context, people, gateway, action, name });
    } finally {
      await gateway.close();
    }
  },
});

type Change = {
  readonly context: Context;
  readonly people: OpenPeople;
  readonly gateway: OpenGateway;
  readonly action: Exclude<Action, 'list'>;
  readonly name: string;
};

async function change({ context, people, gateway, action, name }: Change): Promise<number> {
  const { options } = context;
  const { desk } = people;
  const doer = { operator: operatorOf(options.by), surface: 'cli' as const };
  const known = (): Person => desk.find(name) ?? nobody(name, desk.people());
  switch (action) {
    case 'add': {
      if (options.role === undefined) {
        throw new UsageError({ code: 'role_missing', message: 'What the person may do was not said.', hint: 'Add --role approver.' });
      }
      const areas = options.areas === undefined ? 'all' : areasOf(options.areas);
      const policy = gateway.policies.current();
      const password = options.ask ? await askPassword(context) : null;
      return admitted(context, await desk.add({ name, areas, password, policy }, doer));
    }
    case 'set': {
      known();
      if (options.areas === undefined) {
        throw new UsageError({
          code: 'areas_missing',
          message: 'There is nothing to set.',
          hint: 'Say --areas calls,contacts, or --areas all.',
        });
      }
      return done(context, await desk.setAreas(name, areasOf(options.areas), doer));
    }
    case 'password': {
      known();
      return admitted(context, await desk.resetPassword(name, options.ask ? await askPassword(context) : null, doer));
    }
    case 'remove': {
      const person = known();
      if (!options.yes && !(await confirm(context, `Remove ${person.name}?`, 'Add --yes to remove without being asked.'))) {
        await context.stderr.write('Nothing was changed.\n');
        return exitCodes.done;
      }
      return done(context, await desk.remove(name, doer));
    }
  }
}

async function list({ options, stdout }: Context, people: readonly Person[]): Promise<number> {
  if (options.json) await stdout.write(json({ people: people.map(factsOf) }));
  else if (people.length === 0) {
    await stdout.write('Nobody can approve in the browser yet. trunkline people add "Olga Stein" --role approver changes that.\n');
  } else await stdout.write(`${people.map(line).join('\n')}\n`);
  return exitCodes.done;
}

function line(person: Person): string {
  const first = person.mustChange ? '; has not chosen a password yet' : '';
  return `${person.name}  ${person.role} for ${tellAreas(person.areas)}${first}; added on ${person.madeAt.slice(0, 10)} by ${person.madeBy}`;
}

async function done({ options, stdout }: Context, { sentence, seq, person }: PersonChanged): Promise<number> {
  await stdout.write(options.json ? json({ sentence, record: seq, person: factsOf(person) }) : `${sentence}\n`);
  return exitCodes.done;
}

async function admitted(context: Context, changed: PersonAdmitted): Promise<number> {
  const { options, stdout } = context;
  const { sentence, seq, person, password } = changed;
  if (password === null) return done(context, changed);
  await stdout.write(
    options.json
      ? json({ sentence, record: seq, person: factsOf(person), password: password.reveal() })
      : `${sentence}\n\n  First password  ${password.reveal()}\n\nIt is not shown again. ${person.name} logs in with it at /approvals of ` +
          'trunkline serve, and has to choose another one there first.\n',
  );
  return exitCodes.done;
}

async function askPassword(context: Context): Promise<string> {
  const instead = 'Leave --ask out: then a password is made and shown once.';
  const password = await ask(context, { text: 'Password:', secret: true, instead });
  const again = await ask(context, { text: 'Password again:', secret: true, instead });
  if (password === again) return password;
  throw new UsageError({ code: 'password_differs', message: 'The two passwords differ.', hint: 'Nothing was changed. Try again.' });
}

function areasOf(names: readonly string[]): ApproverAreas {
  if (names.length === 1 && names[0]?.toLowerCase() === 'all') return 'all';
  const chosen = new Set(names.map(areaNamed));
  return grantAreas.filter((area) => chosen.has(area));
}

function actionOf(word: string | undefined): Action {
  const action = actions.find((each) => each === (word ?? 'list'));
  if (action !== undefined) return action;
  throw new UsageError({
    code: 'unknown_action',
    message: 'That is nothing people can do.',
    hint: 'trunkline people list, add NAME, set NAME, password NAME or remove NAME.',
  });
}

function nobody(name: string, people: readonly Person[]): never {
  throw new UsageError({
    code: 'person_missing',
    message: `There is nobody named "${name}".`,
    hint:
      people.length === 0
        ? 'There is nobody yet: trunkline people add NAME --role approver.'
        : `There are: ${people.map((each) => each.name).join(', ')}.`,
  });
}

function factsOf({ name, role, areas, mustChange, madeAt, madeBy }: Person) {
  return { name, role, areas, mustChange, addedAt: madeAt, addedBy: madeBy };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
