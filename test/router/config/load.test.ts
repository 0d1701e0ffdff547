import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '../../../main/base/errors.ts';
import { assemble } from '../../../main/router/config/assemble.ts';
import { loadConfig, type LoadedConfig } from '../../../main/router/config/load.ts';
import { RouterError } from '../../../main/router/errors.ts';
import type { RouterOptions } from '../../../main/router/options.ts';
import { writeCertificate } from './support.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-config-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;

/** Writes a configuration (and files beside it) and loads it. */
async function load(
  text: string | Buffer,
  files: Readonly<Record<string, string>> = {},
  env: NodeJS.ProcessEnv = {},
): Promise<LoadedConfig> {
  count += 1;
  const own = join(folder, `case-${count}`);
  await mkdir(own);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(own, name)), { recursive: true });
    await writeFile(join(own, name), content);
  }
  const path = join(own, 'nats.conf');
  await writeFile(path, text);
  return loadConfig(path, env);
}

async function optionsOf(text: string): Promise<RouterOptions> {
  return assemble((await load(text)).settings);
}

/** The lines of the error without the folder: `nats.conf:1:0: …`. */
async function refusal(
  text: string | Buffer,
  files?: Readonly<Record<string, string>>,
  env?: NodeJS.ProcessEnv,
): Promise<string[]> {
  const error: unknown = await load(text, files, env).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RouterError);
  expect(error).toMatchObject({ code: 'router-config' });
  return messageOf(error).replaceAll(`${folder}/case-${count}/`, '').split('\n');
}

describe('configuration file - what it means', () => {
  it('without a word clients connect to 0.0.0.0:4222', async () => {
    expect(await optionsOf('debug: false')).toEqual({
      listen: { host: '0.0.0.0', port: 4222 },
      log: { debug: false },
    });
  });

  it('durations become milliseconds and sizes bytes', async () => {
    const options = await optionsOf(
      'max_payload: 1kb\nmax_pending: 2M\nping_interval: "1m30s"\nwrite_deadline: "500ms"\n' +
        'lame_duck_duration: "30s"\nlame_duck_grace_period: "1.5s"\n' +
        'authorization { user: a, password: b, timeout: 1.5 }',
    );
    expect(options.limits).toEqual({
      maxPayload: 1024,
      maxPending: 2_000_000,
      pingInterval: 90_000,
      writeDeadline: 500,
    });
    expect(options.lameDuck).toEqual({ duration: 30_000, gracePeriod: 1_500 });
    expect(options.authorization).toEqual({ user: 'a', password: 'b', timeout: 1_500 });
  });

  it('0 is the default of a limit, and less than that no limit', async () => {
    expect((await optionsOf('max_payload: 0\nmax_connections: 0\nmax_subs: 0')).limits).toEqual({
      maxSubscriptions: 0,
    });
    expect((await optionsOf('max_connections: -1\nmax_subs: -1')).limits).toEqual({
      maxConnections: Number.MAX_SAFE_INTEGER,
      maxSubscriptions: 0,
    });
  });

  it('monitoring listens where clients connect, unless it says otherwise', async () => {
    expect((await optionsOf('host: "127.0.0.1"\nhttp_port: 8222')).monitor).toEqual({
      host: '127.0.0.1',
      port: 8222,
    });
    expect((await optionsOf('http: "10.0.0.1:8222"\nhttp_base_path: "/n"')).monitor).toEqual({
      host: '10.0.0.1',
      port: 8222,
      basePath: '/n',
    });
    expect((await optionsOf('https_port: 8443')).monitor).toMatchObject({ https: true });
  });

  it('a section that names no port opens no listener', async () => {
    const options = await optionsOf('websocket { no_tls: true }\nleafnodes { }');
    expect(options.websocket).toBeUndefined();
    expect(options.leafnodes).toEqual({});
  });

  it('whoever may only answer may publish nothing else', async () => {
    const { authorization } = await optionsOf(
      'authorization { users [ {user: a, permissions { sub: q, allow_responses: {max: 0, expires: "1m"} }}\n' +
        '{user: b, permissions { pub: [x], allow_responses: true }}\n' +
        '{user: c, permissions { pub { deny: x }, sub: ["q g", "r   g"] }} ] }',
    );
    expect(authorization?.users?.map(({ permissions }) => permissions)).toEqual([
      {
        publish: { allow: [] },
        subscribe: { allow: ['q'] },
        responses: { max: 1, expires: 60_000 },
      },
      { publish: { allow: ['x'] }, responses: { max: 1, expires: 120_000 } },
      { publish: { deny: ['x'] }, subscribe: { allow: ['q g', 'r g'] } },
    ]);
  });

  it('accounts have users, exports, imports, mappings and limits', async () => {
    const { accounts } = await optionsOf(`
      accounts {
        A {
          users [ {user: a, password: p} ]
          exports [
            {stream: "s.>"}
            {service: "q.*", accounts: [B], response_type: chunked, threshold: "1s"}
            {service: r, latency: {sampling: headers, subject: l}}
          ]
          limits { max_conn: 5 }
        }
        B {
          imports [
            {stream: {account: A, subject: "s.x"}, prefix: "p."}
            {service: {account: A, subject: "q.*"}, to: "mine.*", share: true}
          ]
          mappings { a: b, c: [ {dest: d, weight: "50%"}, {dest: e, weight: 25, cluster: k} ] }
        }
      }`);
    expect(accounts).toEqual([
      {
        name: 'A',
        users: [{ user: 'a', password: 'p' }],
        exports: [
          { kind: 'stream', subject: 's.>' },
          {
            kind: 'service',
            subject: 'q.*',
            accounts: ['B'],
            responseType: 'chunked',
            responseThreshold: 1_000,
          },
          { kind: 'service', subject: 'r', latency: { subject: 'l', sampling: 'headers' } },
        ],
        limits: { maxConnections: 5 },
      },
      {
        name: 'B',
        imports: [
          { kind: 'stream', account: 'A', subject: 's.x', prefix: 'p' },
          { kind: 'service', account: 'A', subject: 'q.*', to: 'mine.*', share: true },
        ],
        mappings: [
          { source: 'a', destinations: [{ subject: 'b', weight: 100 }] },
          {
            source: 'c',
            destinations: [
              { subject: 'd', weight: 50 },
              { subject: 'e', weight: 25, cluster: 'k' },
            ],
          },
        ],
      },
    ]);
  });

  it('strings keep their bytes: UTF-8, escapes, raw strings, blocks', async () => {
    const { settings } = await load(
      'server_name: "ä\\x41\\n\\"€"\nhost: \'raw \\n #\'\nclient_advertise: (\nline ) one\n)\nnets: 1'.replace(
        '\nnets: 1',
        '',
      ),
    );
    expect(settings.serverName).toBe('äA\n"€');
    expect(settings.host).toBe('raw \\n #');
    expect(settings.clientAdvertise).toBe('\nline ) one\n');
  });

  it('a byte order mark in front of the file is not part of its first key', async () => {
    expect((await optionsOf('\ufeffport: 5')).listen?.port).toBe(5);
  });

  it('the environment is read as a file would be: numbers, booleans, lists', async () => {
    const { settings } = await load(
      'port: $PORT\ndebug: $DEBUG\nserver_tags: $TAGS\nserver_name: $NAME',
      {},
      { PORT: '5', DEBUG: 'yes', TAGS: '[a, b]', NAME: '"x y"' },
    );
    expect(settings).toMatchObject({
      port: 5,
      log: { debug: true },
      serverTags: ['a', 'b'],
      serverName: 'x y',
    });
  });

  it('an absolute path is included from where it says', async () => {
    const other = join(folder, 'absolute.conf');
    await writeFile(other, 'port: 6');
    expect((await optionsOf(`include "${other}"`)).listen?.port).toBe(6);
  });

  it('a remote leaf knows home and environment in the path of its credentials', async () => {
    process.env['SKERRY_TEST_FOLDER'] = '/creds';
    const { leafnodes } = await optionsOf(
      'leafnodes { remotes [ {url: "nats://h", credentials: "$SKERRY_TEST_FOLDER/a.creds"} ] }',
    );
    delete process.env['SKERRY_TEST_FOLDER'];
    expect(leafnodes?.remotes?.[0]).toMatchObject({ credentials: '/creds/a.creds' });
  });
});

describe('configuration file - what nats-server has since 2.10', () => {
  const valid: Readonly<Record<string, string>> = {
    'durations between leaf nodes': 'leafnodes { reconnect: "2s", compression: s2_auto }',
    'compression with thresholds':
      'leafnodes { port: 1, compression { mode: s2_auto, rtt_thresholds: ["10ms", "50ms"] } }',
    'rotated logs': 'log_size_limit: 1mb\nlog_max_num: 3\nlogtime_utc: true',
    'limits of monitoring': 'max_closed_clients: 5\nno_fast_producer_stall: true',
    'pinned accounts': 'resolver_pinned_accounts: [A]',
    'a latest first INFO': 'leafnodes { remotes [ {url: "nats://h", first_info_timeout: "2s"} ] }',
    'pool and pins of a cluster':
      'cluster { name: c, pool_size: 3, accounts: [A], ping_interval: "1s" }',
  };
  it.each(Object.entries(valid))('%s is valid', async (_, text) => {
    expect((await load(text)).warnings).toEqual([]);
  });

  it('a key without a value is refused', async () => {
    expect(await refusal('port')).toEqual([
      'nats.conf:1:4: expected a value for "port", found the end of the file',
    ]);
  });

  it('an empty file is worth a warning', async () => {
    expect((await load('# nothing')).warnings).toEqual([
      expect.stringContaining('config has no values or is empty'),
    ]);
  });

  it('TLS versions, handshakes before INFO and several certificates', async () => {
    await writeCertificate(folder);
    const files = `cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem"`;
    expect(
      (await optionsOf(`tls { ${files}, min_version: "1.3", handshake_first: auto }`)).tls,
    ).toEqual({
      certFile: `${folder}/cert.pem`,
      keyFile: `${folder}/key.pem`,
      minVersion: 'TLSv1.3',
      handshakeFirst: true,
      handshakeFirstFallback: 50,
    });
    expect(
      (await optionsOf(`tls { certs [ {${files}}, {${files}} ], first: "300ms" }`)).tls,
    ).toMatchObject({
      certFile: `${folder}/cert.pem`,
      certificates: [{ keyFile: `${folder}/key.pem` }],
      handshakeFirstFallback: 300,
    });
    expect(await refusal(`tls { ${files}, min_version: "1.1" }`)).toEqual([
      expect.stringContaining('unsupported TLS version: 1.1'),
    ]);
  });

  it('callouts are refused: to go on without would let in the wrong ones', async () => {
    expect(await refusal('authorization {\n auth_callout { issuer: A }\n}')).toEqual([
      'nats.conf:2:2: authorization callouts are not supported by this router',
    ]);
  });
});

describe('configuration file - what is not here', () => {
  it('JetStream, clusters, gateways and MQTT are told once each and ignored', async () => {
    const { notes, settings } = await load(
      'jetstream { store_dir: "/x" }\ncluster { name: c, port: 1 }\ngateway { name: g }\nmqtt { port: 1 }\n' +
        'accounts { A { jetstream: enabled }, B { jetstream: enabled } }',
    );
    expect(notes).toEqual([
      'JetStream is not part of this router. It runs without, as nats-server does without -js.',
      'Clustering is not supported by this router: "cluster" is ignored.',
      'Gateways are not supported by this router: "gateway" is ignored.',
      'MQTT is not supported by this router: "mqtt" is ignored.',
    ]);
    expect(settings.accounts).toHaveLength(2);
  });

  it('nothing is told of what is switched off or empty', async () => {
    const text = 'jetstream: disabled\ncluster {}\nsyslog: false\nocsp: false';
    expect((await load(text)).notes).toEqual([]);
  });
});

describe('configuration file - what is wrong', () => {
  it('every problem is told in one go, each with its place', async () => {
    expect(
      await refusal(
        'port: x\nfoo: 1\nauthorization {\n  users [\n    {user: a, bar: 1}\n    {user: 5}\n  ]\n}',
      ),
    ).toEqual([
      'nats.conf:1:0: expected an integer for "port", got a string',
      'nats.conf:2:1: unknown field "foo"',
      'nats.conf:5:15: unknown field "bar"',
      'nats.conf:6:6: expected a string for "user", got an integer',
      'nats.conf:6:5: User entry requires a user',
    ]);
  });

  it('problems of an included file carry its name', async () => {
    expect(await refusal('include "sub/one.conf"', { 'sub/one.conf': 'port: 1\n foo: 2' })).toEqual(
      ['sub/one.conf:2:2: unknown field "foo"'],
    );
  });

  it('files that include each other are found, by whatever names', async () => {
    expect(
      await refusal('include "one.conf"', {
        'one.conf': 'include "./sub/../two.conf"',
        'two.conf': '\n include "nats.conf"',
        'sub/x': '',
      }),
    ).toEqual(['two.conf:2:10: include: nats.conf includes itself']);
    await symlink('nats.conf', join(folder, 'link.conf'));
    await writeFile(join(folder, 'nats.conf'), 'include "link.conf"');
    expect(() => loadConfig(join(folder, 'nats.conf'), {})).toThrow(/includes itself/);
  });

  it('includes go no deeper than 20', async () => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 30; index++) files[`${index}.conf`] = `include "${index + 1}.conf"`;
    expect(await refusal('include "0.conf"', files)).toEqual([
      expect.stringMatching(/^18\.conf:1:8: include: files include each other more than 20 deep/),
    ]);
  });

  it('includes do not multiply without end', async () => {
    const files: Record<string, string> = { '10.conf': 'port: 1' };
    for (let index = 0; index < 10; index++) {
      files[`${index}.conf`] = `include "${index + 1}.conf"\n`.repeat(4);
    }
    expect(await refusal('include "0.conf"', files)).toEqual([
      expect.stringContaining('more than 1000 files are included'),
    ]);
  });

  it('a file beyond 8 MiB is not read', async () => {
    expect(await refusal(Buffer.alloc(9 * 1024 * 1024, '#'))).toEqual([
      expect.stringContaining('is larger than 8388608 bytes'),
    ]);
  });

  it('a file that cannot be read is named', async () => {
    expect(() => loadConfig(join(folder, 'nowhere'), {})).toThrow(
      `open ${join(folder, 'nowhere')}: no such file or directory`,
    );
    expect(() => loadConfig(folder, {})).toThrow('is a directory');
  });

  it('nesting goes no deeper than 100', async () => {
    expect(await refusal(`server_tags: ${'['.repeat(200)}`)).toEqual([
      expect.stringContaining('more than 100 deep'),
    ]);
  });

  it('a variable of the environment that stands for itself is found', async () => {
    expect(await refusal('port: $A', {}, { A: '$B', B: '$A' })).toEqual([
      expect.stringMatching(/^nats\.conf:1:6: the value of the variable A cannot be read/),
    ]);
  });

  it('no secret of the environment is in a message', async () => {
    expect((await refusal('port: $A', {}, { A: '"hunter2' })).join('')).not.toContain('hunter2');
  });

  it('a seed or a URL that is wrong is not quoted', async () => {
    const lines = await refusal(
      'resolver: URL("hunter2@h")\nauthorization { users [ {nkey: SUHUNTER} ] }\nleafnodes { remotes [ {url: "nats://u:hunter2@:x:"}, {url: "nats://h", nkey: SUHUNTER} ] }',
    );
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toMatch(/hunter/i);
  });

  it('any bytes are read or refused, with a place, and nothing else happens', async () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...[
          'port',
          'users',
          'accounts',
          'tls',
          'include',
          '$A',
          '$2a$',
          '{',
          '}',
          '[',
          ']',
          '(',
          ')',
        ],
        ...[
          ':',
          '=',
          ',',
          ';',
          '"',
          "'",
          '\\',
          '\\x4',
          '#',
          '//',
          '\n',
          '\r\n',
          ' ',
          '-',
          '.',
          '1k',
        ],
        ...[
          '2026-01-31T00:00:00Z',
          'true',
          '10.0.0.1:1',
          'exports',
          'imports',
          'stream',
          'account',
        ],
      ),
      fc.string({ maxLength: 4, unit: 'binary' }),
    );
    const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(''));
    const path = join(folder, 'any.conf');
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        await writeFile(path, content);
        try {
          loadConfig(path, { A: '{ a: 1 }' });
        } catch (error) {
          if (!(error instanceof RouterError)) throw error;
          expect(messageOf(error)).not.toBe('');
        }
      }),
      { numRuns: 600 },
    );
  });
});
