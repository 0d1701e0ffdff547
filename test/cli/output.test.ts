import { describe, expect, test } from 'vitest';
import {
  bytesOfText,
  bytesText,
  clockText,
  filesText,
  spanText,
  timeText,
} from '../../main/cli/output/human.ts';
import { jsonLine, printable } from '../../main/cli/output/printable.ts';
import { type Progress, progressBar, progressSentence } from '../../main/cli/output/progress.ts';
import { shellWord } from '../../main/cli/output/shell-word.ts';
import { tableLines } from '../../main/cli/output/table.ts';
import { displayWidth, fit, pad } from '../../main/cli/output/width.ts';

const plain = (line: string): string => line;

describe('printable text', () => {
  test('keeps letters, emoji and joiners of every script', () => {
    for (const text of ['Zoë', '文件', 'می‌خواهم', '👩‍👩‍👧', 'e\u0301', '🇸🇪', 'a b/c.d']) {
      expect(printable(text)).toBe(text);
    }
  });

  test('takes away what steers a terminal, turns text around or hides it', () => {
    const hostile = [
      '\x1b[2J',
      '\x1b]0;owned\x07',
      '\x9b31m',
      '\r\n\t\b\x7f\0',
      '\u202etxt.exe',
      '\u2066\u2069\u200e\u200f\u061c',
      '\u2028\u2029',
      '\u200b\u2060\ufeff',
      '\u{e0041}',
      '\ud800',
    ];
    for (const text of hostile) {
      const safe = printable(text);
      expect(safe).toMatch(/\ufffd/);
      // Whatever stays is a visible ASCII character or the mark itself.
      expect(safe).toMatch(/^[\x20-\x7e\ufffd]*$/);
    }
  });

  test('is JSON that parses to the same value and has no steering character in it', () => {
    const value = { name: '\x9b31m\u202e\x7f\u{e0041}\x1b[2J ok 文件 \ud800' };
    const line = jsonLine(value);
    expect(line).toMatch(/^[\x20-\x7e文件]*$/);
    expect(JSON.parse(line)).toEqual(value);
  });
});

describe('display width', () => {
  test.each([
    ['abc', 3],
    ['文件', 4],
    ['ｆｕｌｌ', 8],
    ['ﾊﾝｶｸ', 4],
    ['한국', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['❤\ufe0f', 2],
    ['Zoë', 3],
    ['\u200d', 0],
  ])('of %j is %d', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test('decides where text is cut and how it is filled', () => {
    expect(fit('文件文件', 5)).toBe('文件…');
    expect(fit('文件文件', 8)).toBe('文件文件');
    expect(fit('abcdef', 4)).toBe('abc…');
    expect(fit('abc', 0)).toBe('');
    expect(pad('文', 4, 'left')).toBe('文  ');
    expect(pad('文', 4, 'right')).toBe('  文');
  });
});

describe('table', () => {
  const rows = [
    { name: 'short', size: '1 B' },
    { name: '文件'.repeat(30), size: '100 KiB' },
  ];
  const columns = [
    { title: 'NAME', cell: (row: (typeof rows)[0]) => row.name, shrinkTo: 8 },
    { title: 'SIZE', cell: (row: (typeof rows)[0]) => row.size, align: 'right' as const },
  ];

  test('is aligned by display width and fits 80 columns', () => {
    const lines = tableLines(columns, rows, 80, plain);
    expect(lines.map(displayWidth)).toEqual([80, 80, 80]);
    expect(lines[2]).toMatch(/… {2,3}100 KiB$/);
  });

  test('is not cut where nothing limits its width', () => {
    expect(tableLines(columns, rows, Infinity, plain)[2]).toContain('文件'.repeat(30));
  });

  test('does not shrink columns under their least width', () => {
    expect(tableLines(columns, rows, 5, plain)[1]).toBe('short         1 B');
  });
});

describe('numbers for people', () => {
  test('sizes have three digits in powers of 1024', () => {
    expect([0, 1, 999, 1000, 1536, 10_240, 1_048_575, 1_288_490_188].map(bytesText)).toEqual([
      '0 B',
      '1 B',
      '999 B',
      '0.98 KiB',
      '1.50 KiB',
      '10.0 KiB',
      '1.00 MiB',
      '1.20 GiB',
    ]);
    expect(bytesText(Number.MAX_SAFE_INTEGER)).toBe('8.00 PiB');
    expect(bytesOfText(431 * 2 ** 20, 2 ** 30)).toBe('0.42/1.00 GiB');
  });

  test('times are clocks, spans and local dates', () => {
    expect([0, 3.4, 754, 3723, 400_000].map(clockText)).toEqual([
      '0:00',
      '0:03',
      '12:34',
      '1:02:03',
      '4 d',
    ]);
    expect([-5, 40_000, 300_000, 3 * 3_600_000, 5 * 86_400_000].map(spanText)).toEqual([
      '0 s',
      '40 s',
      '5 min',
      '3 h',
      '5 d',
    ]);
    expect(timeText(new Date(2026, 4, 3, 7, 5).getTime())).toBe('2026-05-03 07:05');
    expect(timeText(0)).toBe('-');
    expect(timeText(Number.MAX_SAFE_INTEGER)).toBe('-');
    expect([filesText(1), filesText(5012)]).toEqual(['1 file', '5,012 files']);
  });
});

describe('progress', () => {
  const progress: Progress = {
    stage: 'transferring',
    bytes: { done: 431 * 2 ** 20, total: 2 ** 30 },
    files: { done: 12, total: 5012 },
    rateBytesPerSecond: 212 * 2 ** 20,
    etaSeconds: 2.8,
  };

  test('fits 79 columns with everything on it', () => {
    const line = progressBar(progress, 79);
    expect(displayWidth(line)).toBe(79);
    expect(line).toMatch(
      /^transferring {2}42% \[#+-+\] 0\.42\/1\.00 GiB 212 MiB\/s ETA 0:03 12\/5,012 files$/,
    );
  });

  test('drops the bar and then the last facts where there is little room', () => {
    expect(progressBar(progress, 70)).not.toContain('[');
    for (let columns = 1; columns < 100; columns += 1) {
      expect(displayWidth(progressBar(progress, columns))).toBeLessThanOrEqual(columns);
    }
  });

  test('shows the stage alone while the total is not known', () => {
    const waiting = { ...progress, stage: 'waiting', bytes: { done: 0, total: 0 } };
    expect([progressBar(waiting, 79), progressSentence(waiting)]).toEqual([
      'waiting …',
      'waiting …',
    ]);
  });

  test('is a sentence in a log', () => {
    expect(progressSentence(progress)).toBe(
      'transferring 42%, 0.42/1.00 GiB, 212 MiB/s, ETA 0:03, 12/5,012 files',
    );
  });
});

test('shell word - is quoted when a shell would read it otherwise', () => {
  expect(shellWord('/home/me/x-1')).toBe('/home/me/x-1');
  expect(shellWord("it's $(me)")).toBe(String.raw`'it'\''s $(me)'`);
});
