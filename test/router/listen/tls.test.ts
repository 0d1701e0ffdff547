import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { readFileSync } from 'node:fs';
import { X509Certificate, createHash } from 'node:crypto';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { connect } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TlsOptions } from '../../../main/router/options.ts';
import { TestAuthority, type CertificateFiles } from '../support/certificates.ts';
import { eventually, RawClient, startRouter } from './support.ts';

const local = { host: '127.0.0.1', port: 0 };

describe('router over TLS', () => {
  let authority: TestAuthority;
  let server: CertificateFiles;
  beforeAll(async () => {
    authority = await TestAuthority.create();
    server = await authority.issue();
  });
  afterAll(async () => authority[Symbol.asyncDispose]());

  const tls = (more: Partial<TlsOptions> = {}): TlsOptions => ({ ...server, ...more });

  /** Reads INFO in plain text, then begins the handshake on the same socket. */
  async function upgraded(port: number, client?: CertificateFiles): Promise<RawClient> {
    const plain = connectSocket(port, '127.0.0.1');
    const info = new RawClient(plain);
    await info.until('\r\n');
    plain.removeAllListeners('data');
    const secure = connectTls({
      socket: plain,
      ca: readFileSync(authority.caFile),
      servername: 'localhost',
      ...(client && { cert: readFileSync(client.certFile), key: readFileSync(client.keyFile) }),
    });
    const raw = new RawClient(secure);
    raw.text = info.text;
    return raw;
  }

  it('a released client connects with certificates checked, and large messages come through', async () => {
    await using at = await startRouter({ listen: local, tls: tls() });
    expect(at.router.addresses().nats).toEqual([`tls://127.0.0.1:${at.port}`]);
    const client = await connect({ port: at.port, tls: { caFile: authority.caFile } });
    const subscription = client.subscribe('big', { max: 2 });
    const sent = [new Uint8Array(1_000_000).fill(7), new Uint8Array(3).fill(9)];
    for (const payload of sent) client.publish('big', payload);
    const got: Uint8Array[] = [];
    for await (const message of subscription) got.push(message.data);
    expect(got.map((one) => Buffer.from(one).equals(sent.shift() ?? one))).toEqual([true, true]);
    expect(client.info).toMatchObject({ tls_required: true });
    await client.close();
  });

  it('who goes on in plain text is closed without a line, as nats-server does', async () => {
    await using at = await startRouter({ listen: local, tls: tls() });
    using client = RawClient.to(at.port);
    await client.until('\r\n');
    client.send('CONNECT {}\r\nPING\r\n');
    await client.closed;
    expect(client.text.split('\r\n')).toHaveLength(2);
    await eventually(
      () => at.lines.some((line) => line.includes('closed: TLS Handshake Failure')),
      'the reason in the log',
    );
    const reason = 'first record does not look like a TLS handshake';
    expect(at.lines.join('\n')).toContain(reason);
  });

  it('who says nothing is closed when the time for the handshake is over', async () => {
    await using at = await startRouter({ listen: local, tls: tls({ timeout: 100 }) });
    using client = RawClient.to(at.port);
    await client.closed;
    expect(client.info()).toMatchObject({ tls_required: true });
    await eventually(() => at.lines.join('\n').includes('TLS handshake timeout'), 'the reason');
  });

  it('who begins the handshake and stops is closed too', async () => {
    await using at = await startRouter({ listen: local, tls: tls({ timeout: 100 }) });
    using client = RawClient.to(at.port);
    await client.until('\r\n');
    client.socket.write(Buffer.from([0x16, 3, 1, 2, 0]));
    await client.closed;
    await eventually(() => at.lines.join('\n').includes('TLS handshake timeout'), 'the reason');
  });

  it('who goes away within the handshake is named in the log with what happened', async () => {
    await using at = await startRouter({ listen: local, tls: tls() });
    const plain = connectSocket(at.port, '127.0.0.1');
    await once(plain, 'data');
    const secure = connectTls({ socket: plain, servername: 'localhost' });
    await expect(once(secure, 'secureConnect')).rejects.toThrow('certificate');
    secure.destroy();
    await eventually(
      () =>
        at.lines.some((line) => /^127\.0\.0\.1:\d+ - cid:\d+ - TLS handshake error: /.test(line)),
      'the reason',
    );
    const last = `Client connection closed: TLS Handshake Failure`;
    await eventually(() => at.lines.some((line) => line.endsWith(last)), 'the end');
  });

  it('with allow_non_tls both ways work on one port', async () => {
    await using at = await startRouter({ listen: local, tls: tls({ allowNonTls: true }) });
    using plain = RawClient.to(at.port);
    plain.send('CONNECT {"verbose":false}\r\nPING\r\n');
    await plain.until('PONG\r\n');
    expect(plain.info()).toMatchObject({ tls_available: true });
    expect(plain.info()).not.toHaveProperty('tls_required');
    using secure = await upgraded(at.port);
    secure.send('CONNECT {"verbose":false}\r\nSUB a 1\r\nPING\r\n');
    await secure.until('PONG\r\n');
    plain.send('PUB a 2\r\nhi\r\n');
    expect(await secure.until('hi\r\n')).toContain('MSG a 1 2\r\nhi\r\n');
  });

  it('sends the certificate of its file alone, also when it knows the authority', async () => {
    await using at = await startRouter({
      listen: local,
      tls: tls({ caFile: authority.caFile, handshakeFirst: true }),
    });
    const socket = connectTls({
      port: at.port,
      host: '127.0.0.1',
      servername: 'localhost',
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerCertificate(true);
    // Node repeats the certificate itself when there is none of who issued it.
    expect(certificate.issuerCertificate?.fingerprint256 ?? certificate.fingerprint256).toBe(
      certificate.fingerprint256,
    );
    expect(String(socket.authorizationError)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    socket.destroy();
  });

  it('with handshake_first INFO comes only after the handshake', async () => {
    await using at = await startRouter({ listen: local, tls: tls({ handshakeFirst: true }) });
    const socket = connectTls({
      port: at.port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: readFileSync(authority.caFile),
    });
    using client = new RawClient(socket);
    await client.until('\r\n');
    expect(client.info()).toMatchObject({ tls_required: true });
    client.send('PING\r\n');
    await client.until('PONG\r\n');
  });

  it('with a fallback INFO is sent after all to a client that waits for it', async () => {
    const options = tls({ handshakeFirst: true, handshakeFirstFallback: 30 });
    await using at = await startRouter({ listen: local, tls: options });
    using client = await upgraded(at.port);
    client.send('PING\r\n');
    await client.until('PONG\r\n');
    expect(client.info()).toMatchObject({ tls_required: true });
  });

  it('verify refuses a client without a certificate, and one of another authority', async () => {
    const options = tls({ caFile: authority.caFile, verify: true });
    await using at = await startRouter({ listen: local, tls: options });
    await using other = await TestAuthority.create();
    for (const files of [undefined, await other.issue('CN=stranger')]) {
      using client = await upgraded(at.port, files);
      await client.closed;
    }
    await eventually(
      () => at.lines.filter((line) => line.includes('TLS handshake error')).length === 2,
      'two refusals',
    );
    using known = await upgraded(at.port, await authority.issue('CN=known', []));
    known.send('PING\r\n');
    await known.until('PONG\r\n');
    expect(known.info()).toMatchObject({ tls_verify: true });
  });

  it('verify_and_map takes the user from the certificate', async () => {
    const options = tls({ caFile: authority.caFile, verify: true, verifyAndMap: true });
    await using at = await startRouter({
      listen: local,
      tls: options,
      authorization: { users: [{ user: 'CN=alice,O=Skerry' }, { user: 'bob@skerry.example' }] },
    });
    const users: string[] = [];
    at.router.events.on('connected', ({ admission }) => void users.push(admission?.user ?? ''));
    const alice = await authority.issue('O=Skerry,CN=alice', []);
    const bob = await authority.issue('CN=b', [{ type: 'email', value: 'bob@skerry.example' }]);
    for (const files of [alice, bob]) {
      using client = await upgraded(at.port, files);
      client.send('CONNECT {"verbose":false}\r\nPING\r\n');
      await client.until('PONG\r\n');
    }
    expect(users).toEqual(['CN=alice,O=Skerry', 'bob@skerry.example']);
    using nobody = await upgraded(at.port, await authority.issue('CN=nobody', []));
    nobody.send('CONNECT {"verbose":false}\r\nPING\r\n');
    await nobody.until("-ERR 'Authorization Violation'");
  });

  it('pinned certificates: the public key decides', async () => {
    const known = await authority.issue('CN=known', []);
    const key = new X509Certificate(readFileSync(known.certFile)).publicKey;
    const pin = createHash('sha256').update(key.export({ type: 'spki', format: 'der' }));
    const options = tls({
      caFile: authority.caFile,
      verify: true,
      pinnedCerts: [pin.digest('hex')],
    });
    await using at = await startRouter({ listen: local, tls: options });
    using client = await upgraded(at.port, known);
    client.send('PING\r\n');
    await client.until('PONG\r\n');
    using other = await upgraded(at.port, await authority.issue('CN=other', []));
    await other.closed;
    await eventually(() => at.lines.join('\n').includes('certificate not pinned'), 'the reason');
  });

  it('more handshakes in a second than allowed are told to come again', async () => {
    await using at = await startRouter({
      listen: local,
      tls: tls({ connectionRateLimit: 1, timeout: 300 }),
    });
    const clients = await Promise.all([1, 2, 3].map(() => upgradedRaw(at.port)));
    expect(clients.some((text) => text.includes('Connection throttling is active.'))).toBe(true);
  });

  it('new certificates are used for new connections, and nobody is dropped', async () => {
    await using at = await startRouter({ listen: local, tls: tls() });
    using before = await upgraded(at.port);
    before.send('CONNECT {"verbose":false}\r\nPING\r\n');
    await before.until('PONG\r\n');
    const serial = (client: RawClient): string =>
      (client.socket as TLSSocket).getPeerCertificate().serialNumber;
    const fresh = await authority.issue();
    await at.router.reload({ listen: local, tls: fresh });
    using after = await upgraded(at.port);
    after.send('PING\r\n');
    await after.until('PONG\r\n');
    expect(serial(after)).not.toBe(serial(before));
    before.send('PUB x 0\r\n\r\nPING\r\n');
    await before.until('PONG\r\nPONG\r\n');
  });

  it('files that do not fit are named, and a reload with them changes nothing', async () => {
    await using at = await startRouter({ listen: local, tls: tls() });
    const wrong = { listen: local, tls: { ...server, certFile: '/nowhere/cert.pem' } };
    await expect(at.router.reload(wrong)).rejects.toMatchObject({ code: 'router-config' });
    using client = await upgraded(at.port);
    client.send('PING\r\n');
    await client.until('PONG\r\n');
  });

  /** What a client gets that begins its handshake at once after INFO. */
  async function upgradedRaw(port: number): Promise<string> {
    using client = RawClient.to(port);
    await client.until('\r\n');
    client.socket.write(Buffer.from([0x16, 3, 1, 0, 1, 0]));
    await Promise.race([client.until('-ERR').catch(() => ''), client.closed]);
    return client.text;
  }
});
