import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../base/index.ts';
import { configFileJsonSchema } from './config-file.ts';
import { resolveSettings } from './resolve.ts';
import { readSources } from './sources.ts';
import { settingNames, settingOf } from './table.ts';
import type { SettingName } from './table.ts';

type Given = {
  readonly flags?: Partial<Record<SettingName, string>>;
  readonly env?: Record<string, string>;
  readonly dotEnv?: string;
  readonly config?: string | object;
  readonly files?: Record<string, string>;
};

describe('where a value comes from', () => {
  const layers: [string, Given, number][] = [
    ['the default', {}, 120],
    ['the configuration file', { config: { quota: 50 } }, 50],
    ['.env', { config: { quota: 50 }, dotEnv: 'TRUNKLINE_QUOTA=60' }, 60],
    ['the environment', { config: { quota: 50 }, dotEnv: 'TRUNKLINE_QUOTA=60', env: { TRUNKLINE_QUOTA: '70' } }, 70],
    ['a flag', { config: { quota: 50 }, dotEnv: 'TRUNKLINE_QUOTA=60', env: { TRUNKLINE_QUOTA: '70' }, flags: { quota: '80' } }, 80],
  ];
  test.each(layers)('%s stands above what comes before it', async (_name, given, quota) => {
    expect((await resolve(['quota'], given)).settings.quota).toBe(quota);
  });

  test('an empty variable counts as not set', async () => {
    const { settings } = await resolve(['quota'], { env: { TRUNKLINE_QUOTA: '' }, dotEnv: 'TRUNKLINE_QUOTA=60' });
    expect(settings.quota).toBe(60);
  });

  test('.env may quote values and export them', async () => {
    const { settings } = await resolve(['apiId', 'apiToken'], {
      dotEnv: '# key\nexport AIRCALL_API_ID="an id"\nAIRCALL_API_TOKEN=\'a#b\'\n',
    });
    expect(settings).toEqual({ apiId: 'an id', apiToken: 'a#b' });
  });

  test.each(['secret\n', 'secret\r\n', 'secret'])('a secret may stand in a file of its own (%j)', async (content) => {
    const { settings, origins } = await resolve(['apiToken'], { env: { AIRCALL_API_TOKEN_FILE: 'token' }, files: { token: content } });
    expect(settings.apiToken).toBe('secret');
    expect(origins.apiToken?.name).toBe('AIRCALL_API_TOKEN_FILE');
  });

  test('a file of a secret that is missing is named by its variable, not by its content or place', async () => {
    const error = await refusal(['apiToken'], { env: { AIRCALL_API_TOKEN_FILE: '/nowhere/hunter2' } });
    expect(error.message).toContain('AIRCALL_API_TOKEN_FILE');
    expect(error.message).not.toContain('hunter2');
  });

  test('a secret given twice is refused, as the two may differ', async () => {
    const error = await refusal(['apiToken'], { env: { AIRCALL_API_TOKEN: 'a', AIRCALL_API_TOKEN_FILE: 'token' }, files: { token: 'b' } });
    expect(error.message).toContain('AIRCALL_API_TOKEN_FILE');
  });

  test('a list in the configuration file is the comma list of the variable', async () => {
    expect((await resolve(['streams'], { config: { streams: ['calls', 'users'] } })).settings.streams).toEqual(['calls', 'users']);
    expect((await resolve(['streams'], { env: { TRUNKLINE_STREAMS: 'calls, users,calls' } })).settings.streams).toEqual(['calls', 'users']);
  });
});

describe('a value that cannot be used is named, with a valid one', () => {
  const cases: [SettingName[], Given, string[]][] = [
    [['quota'], { env: { TRUNKLINE_QUOTA: 'lots' } }, ['TRUNKLINE_QUOTA is "lots"', 'TRUNKLINE_QUOTA=120']],
    [['quota'], { flags: { quota: '0' } }, ['--quota is "0"', '--quota 120']],
    [['reserve'], { dotEnv: 'TRUNKLINE_RESERVE=-1' }, ['TRUNKLINE_RESERVE in .env is "-1"', 'TRUNKLINE_RESERVE=10']],
    [['startDate'], { flags: { startDate: '31.01.2026' } }, ['--start-date is "31.01.2026"', '--start-date 2026-01-31']],
    [['startDate'], { flags: { startDate: '2026-02-30' } }, ['"2026-02-30"', 'not a day of the calendar']],
    [['startDate'], { config: { startDate: 'soon' } }, ['"startDate" in trunkline.config.json is "soon"', '"startDate": "2026-01-31"']],
    [['deletions'], { env: { TRUNKLINE_DELETIONS: 'keep' } }, ['"keep"', 'mark, remove']],
    [['memory'], { env: { TRUNKLINE_MEMORY: 'much' } }, ['"much"', 'TRUNKLINE_MEMORY=128MB']],
    [['baseUrl'], { env: { AIRCALL_BASE_URL: 'http://api.example.com' } }, ['plain http', 'https://api.aircall.io']],
    [['baseUrl'], { env: { AIRCALL_BASE_URL: 'ftp://api.example.com' } }, ['"ftp://api.example.com"', 'https']],
    [['baseUrl'], { env: { AIRCALL_BASE_URL: 'https://api.example.com/v1' } }, ['path']],
    [
      ['destination'],
      { env: { TRUNKLINE_DESTINATION: 'mysql://localhost/x' } },
      ['"mysql://localhost/x"', 'TRUNKLINE_DESTINATION', 'duckdb:'],
    ],
    [['destination'], { flags: { destination: 'postgres://localhost/x' } }, ['cannot load into postgres yet', '--destination']],
    [['destination', 'dataset'], { env: { TRUNKLINE_DATASET: 'aircall' } }, ['"aircall"', 'aircall_data']],
    [['streams'], { env: { TRUNKLINE_STREAMS: ' , ' } }, ['names no stream', 'TRUNKLINE_STREAMS=calls,users']],
    [['log'], { env: { TRUNKLINE_LOG: 'loud' } }, ['"loud"', 'debug, info, warn, error, silent']],
    [['listen'], { flags: { listen: '127.0.0.1' } }, ['--listen is "127.0.0.1"', '--listen 127.0.0.1:4242']],
    [['listen'], { env: { TRUNKLINE_LISTEN: '127.0.0.1:70000' } }, ['"127.0.0.1:70000"', 'TRUNKLINE_LISTEN=127.0.0.1:4242']],
    [['listen'], { env: { TRUNKLINE_LISTEN: '1.2.3:80' } }, ['not an address with a port']],
    [['listen'], { env: { TRUNKLINE_LISTEN: '::1:80' } }, ['not an address with a port']],
    [['publicUrl'], { env: { TRUNKLINE_PUBLIC_URL: 'http://gateway.example.com' } }, ['plain http', 'https://trunkline.example.com']],
    [['publicUrl'], { env: { TRUNKLINE_PUBLIC_URL: 'https://gateway.example.com/agents' } }, ['path']],
    [['trustedProxies'], { env: { TRUNKLINE_TRUSTED_PROXIES: '10.0.0.0/33' } }, ['addresses and networks']],
    [['trustedProxies'], { env: { TRUNKLINE_TRUSTED_PROXIES: 'proxy.example.com' } }, ['addresses and networks']],
    [['otlpEndpoint'], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' } }, ['not an http address']],
  ];
  test.each(cases)('%s', async (names, given, parts) => {
    const error = await refusal(names, given);
    for (const part of parts) expect(wholeText(error)).toContain(part);
  });

  test.each(['https://key:hunter2@api.example.com', 'htps://key:hunter2@api.example.com', 'http://key:hunter2@api.example.com/v1'])(
    'an address with a credential in it is not repeated (%#)',
    async (url) => {
      const error = await refusal(['baseUrl'], { env: { AIRCALL_BASE_URL: url } });
      expect(wholeText(error)).toContain('AIRCALL_BASE_URL');
      expect(wholeText(error)).not.toContain('hunter2');
    },
  );

  test('a secret that cannot be used is not shown', async () => {
    const error = await refusal(['kek'], { env: { TRUNKLINE_KEK: 'hunter2' } });
    expect(error.message).toContain('TRUNKLINE_KEK');
    expect(wholeText(error)).not.toContain('hunter2');
  });

  test.each([
    ['4243', { host: '127.0.0.1', port: 4243 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['[::1]:4242', { host: '::1', port: 4242 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
  ])('a server may listen on %s', async (text, listen) => {
    expect((await resolve(['listen'], { env: { TRUNKLINE_LISTEN: text } })).settings.listen).toEqual(listen);
  });

  test.each(['hunter2', 'hunter2 hunter2 hunter2 hunter2 hunter2 hu', 'A'.repeat(42), '!'.repeat(44), 'f'.repeat(63)])(
    'what only looks like a key is none (%#)',
    async (text) => {
      expect((await refusal(['kek'], { env: { TRUNKLINE_KEK: text } })).message).toContain('TRUNKLINE_KEK');
    },
  );

  test('a key is the same in base64, its form for addresses, and hex', async () => {
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 37 + 251) % 256));
    for (const form of ['base64', 'base64url', 'hex'] as const) {
      expect((await resolve(['kek'], { env: { TRUNKLINE_KEK: bytes.toString(form) } })).settings.kek).toEqual(bytes);
    }
  });

  test.each(['http://127.0.0.1:8080', 'http://localhost:8080/', 'http://[::1]:8080'])(
    'plain http to this machine is fine: %s',
    async (url) => {
      expect((await resolve(['baseUrl'], { env: { AIRCALL_BASE_URL: url } })).settings.baseUrl).toBe(url.replace(/\/$/, ''));
    },
  );
});

describe('the configuration file', () => {
  const cases: [string, string | object, string[]][] = [
    ['is not JSON', '{\n"quota": 5,\n}', ['not valid JSON']],
    ['is a list', [], ['the whole file', 'an object']],
    ['has a mistyped key', { detination: 'duckdb:x.duckdb' }, ['"detination"', 'Did you mean "destination"?']],
    ['has a variable as key', { TRUNKLINE_START_DATE: '2026-01-31' }, ['Did you mean "startDate"?']],
    ['has a credential', { apiToken: 'hunter2' }, ['"apiToken"', 'AIRCALL_API_TOKEN', 'environment']],
    ['has a number as text', { quota: 'many' }, ['"quota" is "many"', '{"quota": 120}']],
    ['has text as a number', { dataset: 5 }, ['"dataset" is 5', 'text']],
    ['has a stream as text', { streams: 'calls' }, ['"streams" is "calls"', '{"streams": ["calls","users"]}']],
    ['has an unknown choice', { onTypeChange: 'explode' }, ['"explode"', 'widen, quarantine, stop']],
    ['has a mistyped key deep inside', { fields: { calls: { dropp: ['user'] } } }, ['"fields.calls.dropp"', 'Did you mean "drop"?']],
    ['has a mistyped extra', { callExtras: { aiVoise: false } }, ['"callExtras.aiVoise"', 'Did you mean "aiVoice"?']],
    ['has a wrong schedule', { reread: [{ name: 'x', span: 'ever', every: 0 }] }, ['reread.0.span']],
  ];
  test.each(cases)('that %s is refused', async (_name, config, parts) => {
    const error = await refusal(['quota'], { config });
    expect(error.message).toContain('trunkline.config.json');
    for (const part of parts) expect(wholeText(error)).toContain(part);
    expect(wholeText(error)).not.toContain('hunter2');
  });

  test('holds what stands nowhere else', async () => {
    const config = {
      $schema: './node_modules/trunkline/schema/trunkline.config.schema.json',
      reread: [{ name: 'last hour', span: 3600, every: 0 }],
      fields: { calls: { drop: ['user.email'], types: { cost: 'double' } } },
      onTypeChange: 'quarantine',
      contracts: { newColumns: 'ignore' },
    };
    const { file } = await sources({ config });
    expect(file).toEqual({ values: {}, ...config, $schema: undefined });
  });

  test('has a JSON Schema for editors', async () => {
    const text = `${JSON.stringify(configFileJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../../schema/trunkline.config.schema.json');
  });
});

test('the page of settings says what the table says', async () => {
  const rows = settingNames.map((name) => {
    const { env, flag, file, secret, meaning, default: otherwise, defaultMeaning, example } = settingOf(name);
    const variable = secret ? `\`${env}\`, \`${env}_FILE\`` : `\`${env}\``;
    const cells = [
      variable,
      flag === undefined ? '' : `\`--${flag.replaceAll('|', '\\|')}\``,
      file === undefined ? '' : `\`${file.key}\``,
      otherwise === null ? (defaultMeaning ?? '') : `\`${otherwise}\``,
      secret ? meaning : `${meaning} Example: \`${example}\`.`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const page = [
    '# Settings',
    '',
    'A flag counts before the environment, the environment before `.env`, that before `trunkline.config.json`, and that before the',
    'default. `trunkline explain` shows each setting, its value and where it came from. This page is made from the same table as the flags.',
    '',
    '| variable | flag | in the file | default | |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    'Only in `trunkline.config.json` (its JSON Schema is `schema/trunkline.config.schema.json`):',
    '',
    '| key | |',
    '|---|---|',
    '| `reread` | When calls that were already read are read again: a list of `{ "name", "span", "every", "parts" }`, spans in seconds. |',
    '| `callExtras` | What of a call is asked for beyond the call itself: `contact`, `timeline`, `aiVoice`; each `false` switches one off. |',
    '| `fields` | Per stream: `drop`, `hash`, `keep` (lists of dotted paths), `types`, `onTypeChange`, `newColumns`. |',
    '| `onTypeChange` | What happens when a field that nobody declared changes its type: `widen`, `quarantine` or `stop`. |',
    '| `contracts` | `{ "newColumns": "evolve" }`: what happens to fields that nobody declared: `evolve`, `ignore` or `stop`. |',
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../../../docs/settings.md');
});

function wholeText({ message, hint }: UsageError): string {
  return `${message} ${hint ?? ''}`;
}

async function sources(given: Given) {
  const cwd = mkdtempSync(join(tmpdir(), 'trunkline-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(given.files ?? {})) writeFileSync(join(cwd, name), content);
  if (given.dotEnv !== undefined) writeFileSync(join(cwd, '.env'), given.dotEnv);
  const { config } = given;
  if (config !== undefined) writeFileSync(join(cwd, 'trunkline.config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return readSources({ cwd, env: given.env ?? {}, flags: given.flags ?? {} });
}

async function resolve<const N extends SettingName>(names: readonly N[], given: Given) {
  return resolveSettings(names, await sources(given));
}

async function refusal(names: readonly SettingName[], given: Given): Promise<UsageError> {
  try {
    await resolve(names, given);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
