import { expect, test } from 'vitest';
import { formatAddress, isLocal, parseAddress } from '../../main/forward/address.ts';

test.each([
  ['8080', '127.0.0.1:8080'],
  [':8080', undefined],
  ['localhost:80', '127.0.0.1:80'],
  ['127.0.0.1:0', '127.0.0.1:0'],
  ['printer.lan:631', 'printer.lan:631'],
  ['NAS_1:22', 'nas_1:22'],
  ['[::1]:80', '[::1]:80'],
  ['[2001:db8::1]:65535', '[2001:db8::1]:65535'],
  ['::1:80', undefined],
  ['[127.0.0.1]:80', undefined],
  ['a:65536', undefined],
  ['a b:80', undefined],
  ['-a:80', undefined],
  ['a..b:80', undefined],
  [`${'a'.repeat(254)}:80`, undefined],
  ['unix:/run/app.sock', 'unix:/run/app.sock'],
  ['unix:/run/../tmp/a b', 'unix:/tmp/a b'],
  ['unix:app.sock', undefined],
  ['unix:/a\0b', undefined],
  [`unix:/${'a'.repeat(103)}`, undefined],
  ['', undefined],
])('address - %j is read as %j', (text, read) => {
  const address = parseAddress(text);
  expect(address && formatAddress(address)).toBe(read);
});

test.each([
  ['127.0.0.1:80', true],
  ['127.9.9.9:80', true],
  ['[::1]:80', true],
  ['[0:0:0:0:0:0:0:1]:80', true],
  ['unix:/run/app.sock', true],
  ['0.0.0.0:80', false],
  ['[::]:80', false],
  ['192.0.2.1:80', false],
  ['[::ffff:192.0.2.1]:80', false],
  ['a-name:80', false],
])('address - only this machine can connect to %s: %s', (text, local) => {
  const address = parseAddress(text);
  expect(address && isLocal(address)).toBe(local);
});
