import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinkInbox, findDeepLink, parseDeepLink } from '../../main/desktop/links.ts';
import { parseOptions } from '../../main/desktop/options.ts';

const LINK = 'skerry://invite/AbC-12_x';

describe('desktop links', () => {
  test('links - an invite passes as it is', () => {
    expect(parseDeepLink(LINK)).toBe(LINK);
  });

  test('links - the scheme in capitals and a slash at the end are the same link', () => {
    expect(parseDeepLink('SKERRY://Invite/AbC-12_x/')).toBe(LINK);
  });

  test.each([
    '',
    'skerry:',
    'skerry://',
    'skerry://invite',
    'skerry://invite/',
    'skerry://settings/x',
    'skerry://invite/../settings',
    'skerry://invite/a/b',
    'skerry://invite/a?now=1',
    'skerry://invite/a#b',
    'skerry://invite/%61',
    'skerry://invite/a b',
    'skerry://invite/a"--hidden',
    'skerry://invite/a\n--home=/x',
    'skerry://user@invite/a',
    'skerry://invite:80/a',
    'skerry:invite/a',
    'https://example.org/skerry://invite/a',
    'javascript:alert(1)',
    ' skerry://invite/a',
    `skerry://invite/${'a'.repeat(9000)}`,
  ])('links - %j is no link', (text) => {
    expect(parseDeepLink(text)).toBeUndefined();
  });

  test('links - whatever passes is an invite of plain characters', () => {
    const unit = fc.constantFrom(...'aZ09-_/:?#%&=. "\\\0\n\u202eé');
    const ending = fc.string({ unit, maxLength: 12 });
    const start = fc.constantFrom('', 'skerry:', 'skerry://invite/', 'SKERRY://invite/');
    const texts = fc.tuple(start, ending).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const link = parseDeepLink(text);
        return link === undefined || /^skerry:\/\/invite\/[\w-]+$/.test(link);
      }),
    );
  });

  test('links - the link is found among the arguments of a second start', () => {
    const argv = ['/opt/skerry', '--no-sandbox', '--allow-file-access-from-files', LINK];
    expect(findDeepLink(argv)).toBe(LINK);
  });

  test('links - a hostile link hides no second one behind it', () => {
    expect(findDeepLink(['skerry://invite/a b', LINK])).toBeUndefined();
  });

  test('links - a link waits for the page, and only the newest one', () => {
    const inbox = new LinkInbox();
    const seen: string[] = [];
    expect(inbox.offer('skerry://invite/old')).toBe(true);
    expect(inbox.offer(LINK)).toBe(true);
    expect(inbox.offer('skerry://elsewhere')).toBe(false);
    inbox.listen((link) => seen.push(link));
    inbox.offer('skerry://invite/next');
    expect(seen).toEqual([LINK, 'skerry://invite/next']);
  });

  test('links - a page that has gone is told nothing; the next one is', () => {
    const inbox = new LinkInbox();
    const gone: string[] = [];
    const next: string[] = [];
    inbox.listen((link) => gone.push(link));
    inbox.pause();
    inbox.offer(LINK);
    inbox.listen((link) => next.push(link));
    expect({ gone, next }).toEqual({ gone: [], next: [LINK] });
  });
});

describe('desktop options', () => {
  test('options - without any the default home is used and the window shown', () => {
    expect(parseOptions([], '/data')).toEqual({ home: '/data', hidden: false, link: undefined });
  });

  test('options - home in both spellings, hidden, and a link', () => {
    const expected = { home: '/h', hidden: true, link: LINK };
    expect(parseOptions(['--home', '/h', '--hidden', LINK], '/data')).toEqual(expected);
    expect(parseOptions(['--hidden', '--home=/h', LINK], '/data')).toEqual(expected);
  });

  test('options - Chromium’s own switches are let through', () => {
    expect(parseOptions(['--ozone-platform=wayland', '--hidden'], '/data').hidden).toBe(true);
  });

  test('options - nothing behind a link counts: whoever made the link could have written it', () => {
    const { home, hidden } = parseOptions([LINK, '--home=/evil', '--hidden'], '/data');
    expect({ home, hidden }).toEqual({ home: '/data', hidden: false });
  });

  test.each([[['--home']], [['--home=']], [['--home', '--hidden']], [['--home=a\0b']]])(
    'options - %j is refused with what to do',
    (args) => {
      expect(() => parseOptions(args, '/data')).toThrow(
        expect.objectContaining({
          code: 'desktop-option',
          hint: expect.stringContaining('--home'),
        }),
      );
    },
  );
});
