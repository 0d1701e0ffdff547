import { describe, expect, it } from 'vitest';
import { configure } from '../../../main/router/operate/configure.ts';
import { FlagError, parseFlags } from '../../../main/router/operate/flags.ts';

const optionsOf = (words: string, env: NodeJS.ProcessEnv = {}) =>
  configure(parseFlags(words.split(' ')).flags, env).options;

describe('flags', () => {
  it.each([
    ['-p 5', { port: 5 }],
    ['--port=5', { port: 5 }],
    ['-port 0x10', { port: 16 }],
    ['-p -1', { port: -1 }],
    ['-p 1 --port 2', { port: 2 }],
    ['-D -V=false', { debug: true, trace: false }],
    ['-T=0', { logTime: false }],
    ['--name=a=b', { serverName: 'a=b' }],
    ['-n --weird', { serverName: '--weird' }],
    ['-sl reload=5', { signal: 'reload=5' }],
    ['--net h --user u --pass p', { host: 'h', user: 'u', password: 'p' }],
    ['-js -sd /x --cluster_name c', { jetstream: true, storeDir: '/x', clusterName: 'c' }],
  ])('%s', (words, flags) => {
    expect(parseFlags(words.split(' '))).toEqual({ flags, rest: [] });
  });

  it.each([
    ['help', ['help']],
    ['-D - x', ['-', 'x']],
    ['-D -- -p', ['-p']],
  ])('what is no flag ends them: %s', (words, rest) => {
    expect(parseFlags(words.split(' ')).rest).toEqual(rest);
  });

  it.each([
    ['-foo', 'flag provided but not defined: -foo'],
    ['--foo=1', 'flag provided but not defined: -foo'],
    ['-p', 'flag needs an argument: -p'],
    ['-p abc', 'invalid value "abc" for flag -p: parse error'],
    ['-D=maybe', 'invalid boolean value "maybe" for -D: parse error'],
    ['---p', 'bad flag syntax: ---p'],
    ['-=5', 'bad flag syntax: -=5'],
  ])('%s is told as Go tells it', (words, message) => {
    expect(() => parseFlags(words.split(' '))).toThrow(new FlagError(message));
  });
});

describe('options of a command line', () => {
  it('places, limits, log and files', () => {
    const words =
      '-a h -p -1 -n s -m 8222 --client_advertise x:1 -P p.pid --ports_file_dir d -l f.log -DV -T=false ' +
      '--max_traced_msg_len 10 --log_size_limit 99';
    expect(optionsOf(words)).toEqual({
      listen: { host: 'h', port: -1, advertise: 'x:1' },
      monitor: { host: 'h', port: 8222 },
      serverName: 's',
      pidFile: 'p.pid',
      portsFileDir: 'd',
      limits: { maxTracedMessageLength: 10 },
      log: { debug: true, trace: true, time: false, file: 'f.log', sizeLimit: 99 },
    });
  });

  it('0 and empty texts say nothing', () => {
    expect(optionsOf('-p 0 -m 0 -n= -a=')).toEqual({ listen: { host: '0.0.0.0', port: 4222 } });
  });

  it('secrets may come from the environment, and flags go before it', () => {
    const env = { SKERRY_ROUTER_USER: 'u', SKERRY_ROUTER_PASSWORD: 'p' };
    expect(optionsOf('-D', env).authorization).toEqual({ user: 'u', password: 'p' });
    expect(optionsOf('--user v', env).authorization).toEqual({ user: 'v', password: 'p' });
    expect(optionsOf('-D', { SKERRY_ROUTER_TOKEN: 't' }).authorization).toEqual({ token: 't' });
  });

  it('TLS needs a certificate and a key', () => {
    expect(() => optionsOf('--tls')).toThrow('TLS Server certificate must be present and valid');
    expect(() => optionsOf('--tlscert x')).toThrow('TLS Server private key must be present');
    expect(() => optionsOf('--tls --tlscert /no --tlskey /no')).toThrow('X509');
    expect(optionsOf('--tls=false --tlscert x').tls).toBeUndefined();
  });

  it('what is not here is told', () => {
    const { notes } = configure(parseFlags(['-js', '--cluster', 'nats://h:1', '-s']).flags, {});
    expect(notes).toEqual([
      expect.stringContaining('JetStream is not part of this router'),
      expect.stringContaining('Clustering is not supported'),
      expect.stringContaining('no log to syslog'),
    ]);
  });
});
