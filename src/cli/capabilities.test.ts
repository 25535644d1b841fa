// The command that lists what agents can be granted, and the page of the documentation that says the same.
import { expect, test } from 'vitest';
import { openShell } from '../../test/support/cli.ts';
import { areas, effects, endpoints } from '../aircall/index.ts';
import { capabilities, factsOf } from '../gateway/index.ts';
import type { CapabilityFacts } from '../gateway/index.ts';

type Listed = CapabilityFacts & { readonly arguments: object };

async function listed(...line: readonly string[]): Promise<readonly Listed[]> {
  const { code, stdout } = await openShell().run('capabilities', ...line, '--json');
  expect(code).toBe(0);
  // The command writes what this test is about.
  return (JSON.parse(stdout) as { capabilities: readonly Listed[] }).capabilities;
}

test('capabilities lists everything an agent can be granted, and nothing it never gets', async () => {
  const { code, stdout } = await openShell().run('capabilities');
  expect(code).toBe(0);
  for (const { id, title, method, path, agents } of endpoints) {
    const never = 'never' in agents;
    expect(stdout.includes(`  ${id}  ${title}\n    request  ${method} ${path}\n`), id).toBe(!never);
  }
  expect(stdout).toContain(`${capabilities.length} of ${capabilities.length} capabilities.`);
});

test('capabilities says of one what access it needs, what stands before it, what it costs, announces and is limited by', async () => {
  const { stdout } = await openShell().run('capabilities', '--search', 'calls.comment');
  expect(stdout).toBe(
    [
      'calls',
      '',
      '  calls.comment  Comment on a call',
      '    request  POST /v1/calls/:id/comments',
      '    access   write on calls',
      '    effect   add (resource)',
      '    cost     up to two requests: it may have to look at the row first',
      '    event    call.commented',
      '    limit    At most 5 by one agent on the same object.',
      '',
      `1 of ${capabilities.length} capabilities.`,
      '',
    ].join('\n'),
  );
  const { stdout: deletion } = await openShell().run('capabilities', '--search', 'calls.deleteRecording');
  expect(deletion).toContain('access   full on recordings, after a person has approved it');
});

test('capabilities are chosen by area, effect and words, together', async () => {
  for (const area of areas.filter((each) => each !== 'oauth' && each !== 'integrations')) {
    const ids = capabilities.filter((capability) => capability.area === area).map(({ id }) => id);
    expect((await listed('--area', area)).map(({ id }) => id)).toEqual(ids);
    expect(ids.length).toBeGreaterThan(0);
  }
  for (const effect of effects) expect(new Set((await listed('--effect', effect)).map((each) => each.effect))).toEqual(new Set([effect]));
  const found = await listed('--area', 'contacts', '--effect', 'delete', '--search', 'Phone NUMBER');
  expect(found.map(({ id }) => id)).toEqual(['contacts.deletePhoneNumber']);
});

test('for a program, each comes with the JSON Schema of its arguments', async () => {
  const [comment] = await listed('--search', 'calls.comment');
  expect(comment).toMatchObject({
    id: 'calls.comment',
    access: 'write',
    version: 'v1',
    event: 'call.commented',
    arguments: { type: 'object', required: ['id', 'content'], additionalProperties: false },
  });
});

test('an area that agents never get, an effect that does not exist and words nothing has are refused with what to do', async () => {
  const area = await openShell().run('capabilities', '--area', 'oauth');
  expect(area).toMatchObject({ code: 2, stdout: '' });
  expect(area.stderr).toContain('contacts');
  expect((await openShell().run('capabilities', '--effect', 'destroy')).code).toBe(2);
  const words = await openShell().run('capabilities', '--search', 'zeppelin');
  expect(words).toMatchObject({ code: 2, stdout: '' });
  expect(words.stderr).toContain('Leave out');
});

const access = { read: 'Read', write: 'Write', full: 'Full use' } as const;
const friction = { none: '', confirm: 'confirm', approve: 'approval' } as const;

test('the page of capabilities says what the endpoints say', async () => {
  const sections = areas.flatMap((area) => {
    const ofArea = capabilities.filter((capability) => capability.area === area).map(factsOf);
    if (ofArea.length === 0) return [];
    const rows = ofArea.map((facts) => {
      const { id, does, method, path, kind, effect, cost, event, limits, product, endsOn } = facts;
      const notes = [
        ...limits,
        ...(product === null ? [] : [`Needs ${product}.`]),
        ...(endsOn === null ? [] : [`Aircall ends it on ${endsOn}.`]),
      ];
      const cells = [
        `\`${id}\``,
        does,
        `\`${method} ${path}\``,
        `${effect}, ${kind}`,
        access[facts.access],
        friction[facts.friction],
        String(cost),
        event === null ? '' : `\`${event}\``,
        notes.join(' '),
      ];
      return `| ${cells.join(' | ')} |`;
    });
    return [
      `## ${area}`,
      '',
      '| capability | does | request | effect | access | before it | cost | webhook event | limits |',
      '|---|---|---|---|---|---|---|---|---|',
      ...rows,
      '',
    ];
  });
  const never = endpoints.flatMap(({ method, path, agents }) => ('never' in agents ? [`| \`${method} ${path}\` | ${agents.never} |`] : []));
  const page = [
    '# Capabilities',
    '',
    `What an agent can be granted: ${capabilities.length} of Aircall’s ${endpoints.length} endpoints. \`trunkline capabilities\` shows the same, and with`,
    '`--json` the JSON Schema of every argument. This page is made from the descriptions of the endpoints:',
    '`npx vitest run src/cli/capabilities -u` writes it.',
    '',
    '- **access**: the lowest level of the area that permits it. Without a grant an area is Off.',
    '- **before it**: what stands between an agent that may and the act, unless the policy asks for more. *confirm*: the agent repeats the',
    '  request with the token that the first answer gave it. *approval*: a person says yes to exactly this request.',
    '- **cost**: requests to Aircall at most, with the look at the row before it where limits on rows ask for one.',
    '- **effect**: what it does to Aircall; a *resource* is read or changed, an *action* makes something happen in the world.',
    '',
    ...sections,
    '## Never offered to agents',
    '',
    '| request | because |',
    '|---|---|',
    ...never,
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../../docs/capabilities.md');
});
