import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PeerError } from '../../main/peer/errors.ts';
import { cli, runHere, servePeer, temporaryFolder } from './support/cli.ts';
import { ada, contact, keyOf, offer, share } from './support/samples.ts';

describe('usage errors end with 2 and one line', () => {
  test.each([
    [['frobnicate'], "skerry: Unknown command 'frobnicate'. See `skerry --help`.\n"],
    [['get'], "skerry: Missing required argument 'target'. See `skerry get --help`.\n"],
    [['peers', '--frob'], "skerry: Unknown option '--frob'. See `skerry peers --help`.\n"],
    [
      ['up', '--port', '70000'],
      "skerry: Option '--port <n>' argument '70000' is invalid. A port is a number from 0 to 65535. See `skerry up --help`.\n",
    ],
    [
      ['up', '--nats', 'nats://me:secret@host'],
      'skerry: An address of --nats holds a user name or password. Everybody on this machine can read command lines: use --creds, or write it in config.json.\n',
    ],
    [
      ['up', '--nats', 'wss://host'],
      "skerry: Option '--nats <url>' argument 'wss://host' is invalid. It is an address like nats://host:4222 or tls://host:4222. See `skerry up --help`.\n",
    ],
    [
      ['up', '--no-udp', '--creds', 'me.creds'],
      'skerry: --creds and --prefix say something about --nats, which is missing. See `skerry up --help`.\n',
    ],
    [
      ['share', 'docs', '--with', 'ada', 'bob'],
      "skerry: Too many arguments for 'share'. Expected 1 argument but got 2: docs, bob. See `skerry share --help`.\n",
    ],
  ])('%j', async (words, stderr) => {
    expect(await runHere(words)).toMatchObject({ code: 2, stdout: '', stderr });
  });

  test('no command shows the help on stderr, with --json an error', async () => {
    const [human, json] = await Promise.all([runHere([]), runHere(['--json'])]);
    expect(human).toMatchObject({ code: 2, stdout: '' });
    expect(human.stderr).toContain('Usage: skerry [options] [command]');
    expect(json).toMatchObject({ code: 2, stdout: '' });
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'usage' } });
  });

  test('get of a contact alone says how to see what there is', async () => {
    const peer = await servePeer({ 'contacts.list': async () => [contact()] });
    const { code, stderr } = await peer.cli('get', 'ada');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'skerry: Name what to get from ada: <peer>/<share>. See what there is with `skerry ls ADAQQQQQQQQQ`.\n',
    );
  });
});

describe('no peer', () => {
  test('is one line with the way out, and exit code 3', async () => {
    const home = join(temporaryFolder(), 'not there');
    const [human, json] = await Promise.all([
      cli(['--home', home, 'status']),
      runHere(['peers', '--json', '--home', home]),
    ]);
    expect(human).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `skerry: No peer runs in ${home}. Start it with \`skerry up --home '${home}'\`.\n`,
    });
    expect(json).toMatchObject({ code: 3, stdout: '' });
    expect(JSON.parse(json.stderr)).toEqual({
      error: {
        code: 'not-running',
        message: `No peer runs in ${home}.`,
        hint: `Start it with \`skerry up --home '${home}'\`.`,
      },
    });
  });

  test('the home comes from SKERRY_HOME when none is named', async () => {
    const home = temporaryFolder();
    const { code, stderr } = await cli(['stop'], { env: { SKERRY_HOME: home } });
    expect(code).toBe(3);
    expect(stderr).toBe(`skerry: No peer runs in ${home}. Start it with \`skerry up\`.\n`);
  });

  test('that ends while it is asked is exit code 3 too', async () => {
    const peer = await servePeer({
      'links.list': () => new Promise(() => undefined),
    });
    const running = peer.start('links');
    await expect.poll(() => peer.calls(), { timeout: 10_000 }).toContain('links.list');
    await peer.close();
    expect(await running.ended).toMatchObject({ code: 3, stdout: '' });
  });
});

describe('what the peer refuses', () => {
  test('is its sentence and hint in one line, exit code 1', async () => {
    const refusing = async (): Promise<never> => {
      throw new PeerError('contact-target', 'Neither an\ninvite nor \x1b[31ma key.');
    };
    const peer = await servePeer({ 'invites.preview': refusing, 'invites.create': refusing });
    const [human, json] = await Promise.all([
      peer.cli('add', 'nonsense', '--yes'),
      peer.cli('invite', '--json'),
    ]);
    expect(human).toMatchObject({ code: 1, stdout: '' });
    expect(human.stderr).toMatch(
      /^skerry: Neither an invite nor \ufffd\[31ma key\. Paste [^\n]+\n$/,
    );
    expect(json).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'contact-target' } });
  });
});

describe('names that fit nothing or too much', () => {
  const other = contact({ key: keyOf('DB'), name: 'ADA' });
  const contacts = [
    contact(),
    other,
    contact({ key: keyOf('EVE'), name: 'eve', state: 'requested' }),
  ];

  test('are told with the candidates', async () => {
    const peer = await servePeer({
      'contacts.list': async () => contacts,
      'shares.list': async () => [share(), share({ id: 'k3w9f2xyz' })],
      'transfers.list': async () => [],
      'offers.list': async () => [offer()],
    });
    const cases: [string[], string][] = [
      [['ls', 'ada'], '"ada" can be 2 contacts: ada ADAQQQQQQQQQ, ADA ADBQQQQQQQQQ. Use more'],
      [['share', '.', '--with', 'zed'], 'There is no contact "zed". `skerry peers` lists'],
      [['get', 'eve/docs'], '"eve" is requested. Accept it first with `skerry peers accept AEVE'],
      [['unshare', 'docs'], '"docs" can be 2 shares: docs k3w9f2abcdef, docs k3w9f2xyz. Use more'],
      [['unshare', 'k3w9'], '"k3w9" can be 2 shares'],
      [['transfers', 'cancel', 't7'], 'There is no transfer "t7". `skerry transfers` lists'],
      [
        ['ls', `${ada}/nope/x`],
        '"ada" offers no share "nope/x". See what there is with `skerry ls',
      ],
    ];
    await Promise.all(
      cases.map(async ([words, text]) => {
        const { code, stdout, stderr } = await peer.cli(...words);
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toContain(`skerry: ${text}`);
        expect(stderr.split('\n')).toHaveLength(2);
      }),
    );
  });

  test('a stranger that takes a contact’s name does not get in the way', async () => {
    const peer = await servePeer({
      'contacts.list': async () => [contact(), { ...other, state: 'requested' as const }],
      'offers.list': async () => [offer()],
    });
    expect(await peer.cli('ls', 'ada')).toMatchObject({ code: 0 });
  });
});

test('the folder of -o must be one', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'kept'));
  const peer = await servePeer({
    'contacts.list': async () => [contact()],
    'offers.list': async () => [offer()],
  });
  const { code, stderr } = await peer.cli('get', 'ada/docs', '-o', join(folder, 'file'));
  expect(code).toBe(1);
  expect(stderr).toBe(
    `skerry: The folder ${folder}/file cannot be made or used: it is a file. Choose another with -o.\n`,
  );
});

test('a reader that goes away ends the command without a word', async () => {
  const many = Array.from({ length: 20_000 }, (_, index) => contact({ name: `c${index}` }));
  const peer = await servePeer({ 'contacts.list': async () => many });
  const running = peer.start('peers');
  running.child.stdout.once('data', () => running.child.stdout.destroy());
  expect(await running.ended).toMatchObject({ code: 141, stderr: '' });
});
