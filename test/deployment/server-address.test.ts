import { describe, expect, it } from 'vitest';
import { parseServerAddress } from '../../main/deployment/server-address.ts';
import { reconnectWait } from '../../main/deployment/client-options.ts';

describe('server address', () => {
  it.each([
    ['nats://host', 'nats://host:4222'],
    ['host', 'nats://host:4222'],
    ['HOST:80', 'nats://host:80'],
    ['tls://Example.ORG:4443', 'tls://example.org:4443'],
    ['nats://[2001:DB8::1]:4222', 'nats://[2001:db8::1]:4222'],
    ['nats://192.0.2.1:4222/', 'nats://192.0.2.1:4222'],
  ])('%s is %s', (text, url) => {
    expect(parseServerAddress(text)).toMatchObject({ url, login: null });
  });

  it('takes credentials out of the address', () => {
    expect(parseServerAddress('nats://ada:p%40ss@host')).toMatchObject({
      url: 'nats://host:4222',
      login: { kind: 'password', user: 'ada', password: 'p@ss' },
    });
    expect(parseServerAddress('tls://s3cret@host')).toMatchObject({
      url: 'tls://host:4222',
      login: { kind: 'token', token: 's3cret' },
    });
  });

  it.each([
    ['ws://host', 'WebSocket'],
    ['wss://host', 'WebSocket'],
    ['http://host', 'http:// is not supported'],
    ['nats://', 'malformed'],
    ['nats://host:0', 'out of range'],
    ['nats://host:70000', 'malformed'],
    ['nats://host/path', 'only a host'],
    ['nats://host:4222?x=1', 'only a host'],
    ['nats://a b', 'malformed'],
    [`nats://${'a'.repeat(600)}`, 'too long'],
  ])('%s is refused with a reason', (text, why) => {
    expect(() => parseServerAddress(text)).toThrow(
      expect.objectContaining({ code: 'nats-address', message: expect.stringContaining(why) }),
    );
  });

  it.each([
    'nats://ada:hunter2@host/x',
    'ada:hunter2@host/x',
    'ws://hunter2@host',
    'nats://hunter2%zz@h',
  ])('the refusal of %s does not repeat its credentials', (text) => {
    const message = (): string => {
      try {
        return parseServerAddress(text).url;
      } catch (error) {
        return String(error);
      }
    };
    expect(message()).toContain('is no address');
    expect(message()).not.toContain('hunter2');
  });
});

describe('reconnect wait', () => {
  it('grows from a quarter of a second to two seconds, with a quarter of jitter', () => {
    expect(reconnectWait(0, 0.5)).toBe(250);
    expect(reconnectWait(4000, 0.5)).toBe(1000);
    expect(reconnectWait(1e9, 0.5)).toBe(2000);
    expect(reconnectWait(1e9, 0)).toBe(1500);
    expect(reconnectWait(1e9, 1)).toBe(2500);
  });
});
