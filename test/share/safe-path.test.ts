import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PathMapper, type NameTable } from '../../main/share/path-mapper.ts';
import {
  foldName,
  folderNameOf,
  localName,
  numberedName,
  pathProblem,
  shownPath,
  type Platform,
} from '../../main/share/safe-path.ts';

const PLATFORMS: readonly Platform[] = ['linux', 'darwin', 'win32'];

function names(): NameTable {
  const claimed = new Map<string, string>();
  return {
    claim: (parent, name, part) => {
      const key = `${parent}\0${name}`;
      const holder = claimed.get(key) ?? part;
      claimed.set(key, holder);
      return holder;
    },
  };
}

test.each(PLATFORMS)('safe path - on %s nothing that leads elsewhere is taken', (platform) => {
  const illegal = [
    '',
    '/etc/passwd',
    '../x',
    'a/../b',
    'a/..',
    '..',
    '.',
    './a',
    'a/./b',
    'a//b',
    'a/',
    'a\0b',
    'e\u0301', // not NFC
    '\ud800',
    'x'.repeat(4_000),
    'y/'.repeat(3_000) + 'z',
  ];
  for (const path of illegal) expect(pathProblem(path, platform), path).toBeTypeOf('string');
  for (const path of ['a', 'a/b', 'é', '...', 'a..b/..c', ' ', 'C', '🚀/x']) {
    expect(pathProblem(path, platform), path).toBeUndefined();
  }
});

test('safe path - backslashes and drive letters are refused where they mean something', () => {
  for (const path of ['a\\b', '..\\x', '\\\\host\\share', 'C:/x', 'c:']) {
    expect(pathProblem(path, 'win32'), path).toBeTypeOf('string');
    expect(pathProblem(path, 'linux'), path).toBeUndefined();
  }
  expect(pathProblem('12:30 notes', 'win32')).toBeUndefined();
});

test('safe path - what Windows cannot hold is mapped to names that it can', () => {
  const hard = [
    'CON',
    'con.txt',
    'Nul',
    'com1.tar.gz',
    'LPT9',
    'COM¹',
    'aux .c',
    'a:b',
    'what?',
    'a*',
    '<x>',
    'p|q',
    'trailing.',
    'space ',
    '"quoted"',
    'tab\t',
  ];
  for (const part of hard) {
    const name = localName(part, 'win32');
    expect(name).toMatch(/~[0-9a-f]{12}(\.|$)/);
    expect(name).not.toMatch(/[\u0000-\u001f<>:"|?*\\]|[. ]$/);
    expect(name).not.toMatch(/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i);
    expect(localName(part, 'win32')).toBe(name);
    expect(localName(part, 'linux')).toBe(part);
  }
  expect(localName('con.txt', 'win32')).toMatch(/^con~[0-9a-f]{12}\.txt$/);
});

test('safe path - a name is at most 255 bytes long and keeps its extension', () => {
  const long = `${'漢'.repeat(200)}.html`;
  const name = localName(long, 'linux');
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(name).toMatch(/~[0-9a-f]{12}\.html$/);
  expect(name.isWellFormed()).toBe(true);
  expect(localName(long, 'win32')).toBe(long);
});

test.each(PLATFORMS)('safe path - on %s no two parts get one name', (platform) => {
  const part = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      'CON',
      'con',
      'Con',
      'CON.',
      'CON ',
      'a',
      'A',
      'ß',
      'ss',
      'SS',
      'ſ',
      'a.',
      'a?',
      'a*',
      'K',
      'K',
    ),
    fc.string({ minLength: 250, maxLength: 262 }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(part, { minLength: 2, maxLength: 12 }), (parts) => {
      const legal = [...new Set(parts.map((one) => one.toWellFormed().normalize('NFC')))].filter(
        (one) => !one.includes('/') && pathProblem(one, platform) === undefined,
      );
      // What an attacker would try: the very name that another part is mapped to.
      const all = [...new Set([...legal, ...legal.map((one) => localName(one, platform))])].filter(
        (one) => pathProblem(one, platform) === undefined,
      );
      const mapper = new PathMapper(platform, names());
      const mapped = all.map((one) => mapper.map(one));
      expect(new Set(mapped.map((one) => foldName(one, platform))).size).toBe(all.length);
      for (const one of mapped) {
        expect(platform === 'win32' ? one.length : Buffer.byteLength(one)).toBeLessThanOrEqual(255);
        expect(one).not.toMatch(/\/|\0/);
      }
    }),
    { numRuns: 80 },
  );
});

test('path mapper - folders that differ only in case stay apart, with all that is in them', () => {
  const mapper = new PathMapper('darwin', names());
  const mapped = ['A/x', 'A/y', 'a/X', 'a/x', 'é/1', 'É/1'].map((path) => mapper.map(path));
  expect(mapped[0]).toBe('A/x');
  expect(mapped[2]).toMatch(/^a~[0-9a-f]{12}\/X$/);
  expect(mapped[3]).toMatch(/^a~[0-9a-f]{12}\/x~[0-9a-f]{12}$/);
  expect(new Set(mapped.map((path) => foldName(path, 'darwin'))).size).toBe(6);
  const linux = new PathMapper('linux', names());
  expect(['A/x', 'a/x'].map((path) => linux.map(path))).toEqual(['A/x', 'a/x']);
});

test('path mapper - gives the same names for the same paths', () => {
  const paths = ['CON/a', 'con/a', 'x:y', 'X:y', 'deep/er/NUL.txt'];
  const map = (): string[] => {
    const mapper = new PathMapper('win32', names());
    return paths.map((path) => mapper.map(path));
  };
  expect(map()).toEqual(map());
});

test('safe path - a share can be called anything', () => {
  for (const name of ['', '.', '..', '/', 'a/b', '\0', 'CON', '  ', '../../etc']) {
    for (const platform of PLATFORMS) {
      expect(pathProblem(folderNameOf(name, platform), platform), name).toBeUndefined();
      expect(folderNameOf(name, platform)).not.toContain('/');
    }
  }
  expect(folderNameOf('Photos 2024', 'linux')).toBe('Photos 2024');
});

test('safe path - numbers go before the extension of files and behind folders', () => {
  expect(numberedName('report.pdf', 2, 'file', 'linux')).toBe('report (2).pdf');
  expect(numberedName('v1.2', 3, 'folder', 'linux')).toBe('v1.2 (3)');
  expect(numberedName('.bashrc', 2, 'file', 'linux')).toBe('.bashrc (2)');
  expect(Buffer.byteLength(numberedName('x'.repeat(255), 2, 'file', 'linux'))).toBe(255);
});

test('safe path - a hostile path is shown without its tricks', () => {
  expect(shownPath('a\n\u202eb\u001b[31m')).toBe('"a\\n\\u{202e}b\\u001b[31m"');
  expect(shownPath('z'.repeat(5_000)).length).toBeLessThan(140);
});
