import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

const css = await readFile(new URL('../../renderer/src/app.css', import.meta.url), 'utf8');
const dark = css.slice(css.indexOf('prefers-color-scheme: dark'));
const schemes = { light: colours(css.slice(0, css.indexOf('@layer base'))), dark: colours(dark) };

/** `--color-<name>: #rrggbb` of a style sheet. */
function colours(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/--color-([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, hex]) => [
      name ?? '',
      hex ?? '',
    ]),
  );
}

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['canvas', 'surface', 'sunken'];
const texts = [
  ...['ink', 'muted', 'accent', 'good', 'warn', 'bad'].flatMap((text) =>
    grounds.map((on) => [text, on]),
  ),
  ...['accent', 'good', 'warn', 'bad'].map((text) => [text, `${text}-soft`]),
  ...['accent', 'warn', 'bad'].flatMap((on) => [
    ['ink', `${on}-soft`],
    ['muted', `${on}-soft`],
  ]),
  ...['accent', 'accent-hover', 'bad', 'bad-hover'].map((on) => ['on-accent', on]),
];

describe.each(Object.entries(schemes))('%s', (_name, scheme) => {
  test.each(texts)('contrast - %s on %s is at least 4.5', (text = '', ground = '') => {
    expect(contrast(scheme.get(text) ?? '', scheme.get(ground) ?? '')).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['canvas', 'surface'])(
    'contrast - the edge of a field on %s is at least 3',
    (ground) => {
      expect(contrast(scheme.get('edge') ?? '', scheme.get(ground) ?? '')).toBeGreaterThanOrEqual(
        3,
      );
    },
  );
});
