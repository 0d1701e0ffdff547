import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../support/certificate.ts';
import { startNatsServer, type NatsServer } from '../support/nats-server.ts';
import { dialled, introduce, natsWay, received, startNatsPeer, until } from './nats-support.ts';

describe('nats over TLS', () => {
  let folder: string;
  let server: NatsServer;
  let cert: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-tls-'));
    const made = await selfSigned();
    cert = made.cert;
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(certFile, made.cert);
    await writeFile(keyFile, made.key);
    server = await startNatsServer(`tls { cert_file: '${certFile}', key_file: '${keyFile}' }`);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('a certificate that nobody vouches for is refused with its reason', async () => {
    const config = [{ server: server.url.replace('nats:', 'tls:'), prefix: 'skerry' }];
    await using peer = await startNatsPeer('Bob', config);
    const error = await until(
      () => peer.deployments.status()[0]?.error ?? undefined,
      'the refusal',
    );
    expect(error).toMatchObject({
      code: 'nats-tls',
      message: expect.stringContaining('self-signed certificate'),
    });
  });

  it.each(['127.0.0.1', 'localhost'])('a session runs through it, by %s', async (host) => {
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, cert]);
    try {
      const address = `tls://${host}:${server.port}`;
      const config = [{ server: address, prefix: 'skerry' }];
      await using bob = await startNatsPeer('Bob', config);
      await using ada = await startNatsPeer('Ada', config);
      introduce(bob, ada);
      const { conn } = await dialled(bob, ada.signer.key, natsWay(address));
      const accepted = await until(() => ada.accepted[0]?.conn, 'the session');
      const there = received(accepted);
      const sent = Array.from({ length: 50 }, (_, index) => `${index}`.padEnd(16_383, 'x'));
      for (const datagram of sent) conn.send(Buffer.from(datagram));
      await until(() => there.length === sent.length, 'all datagrams');
      expect(there).toEqual(sent);
    } finally {
      setDefaultCACertificates(before);
    }
  });
});
