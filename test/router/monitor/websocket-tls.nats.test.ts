import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { WebSocket } from 'ws';
import { expect, test } from 'vitest';
import { startPair } from '../differential/compare.ts';
import { TestAuthority } from '../support/certificates.ts';
import type { ServerProcess } from '../support/router-process.ts';
import { getJson, shapeOf } from './pages.ts';

/** 2.10 shows these, the reference (2.9) does not yet. */
const newer = ['tls_version', 'tls_cipher_suite', 'tls_peer_certs'];

async function connected(
  { ports }: ServerProcess,
  certificates: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer },
): Promise<WebSocket> {
  const socket = new WebSocket(`wss://127.0.0.1:${ports.websocket ?? 0}`, certificates);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.once('open', () => socket.send('CONNECT {"verbose":false,"lang":"test"}\r\nPING\r\n'));
    socket.on('message', (data: Buffer) => {
      if (data.toString().includes('PONG')) resolve();
    });
  });
  return socket;
}

const sha256 = (bytes: string): string =>
  createHash('sha256').update(bytes, 'latin1').digest('hex');

test('what TLS has agreed on is shown of WebSockets too', async () => {
  await using authority = await TestAuthority.create();
  const server = await authority.issue();
  const alice = await authority.issue('CN=alice,O=Skerry');
  const [ca, cert, key] = await Promise.all(
    [authority.caFile, alice.certFile, alice.keyFile].map((file) => readFile(file)),
  );
  await using pair = await startPair({
    config: `
      http: 127.0.0.1:-1
      websocket {
        listen: "127.0.0.1:-1"
        tls {
          cert_file: "${server.certFile}"
          key_file: "${server.keyFile}"
          ca_file: "${authority.caFile}"
          verify: true
        }
      }`,
  });
  const certificate = new X509Certificate(cert as Buffer);
  const shown: Record<string, unknown>[] = [];
  for (const each of [pair.reference, pair.subject]) {
    const socket = await connected(each, {
      ca: ca as Buffer,
      cert: cert as Buffer,
      key: key as Buffer,
    });
    const url = `http://127.0.0.1:${each.ports.monitoring ?? 0}`;
    const page = await getJson<{ connections: [Record<string, unknown>] }>(url, '/connz?auth=1');
    shown.push(page.connections[0]);
    socket.terminate();
  }
  const [theirs, ours] = shown as [Record<string, unknown>, Record<string, unknown>];
  expect(shapeOf(ours, new Set(newer))).toEqual(shapeOf(theirs, new Set(newer)));
  expect(ours).toMatchObject({ type: 'websocket', tls_version: '1.3' });
  expect(ours['tls_cipher_suite']).toMatch(/^TLS_/);
  expect(ours['tls_peer_certs']).toEqual([
    {
      subject: 'CN=alice,O=Skerry',
      spki_sha256: sha256(
        certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('latin1'),
      ),
      cert_sha256: sha256(certificate.raw.toString('latin1')),
    },
  ]);
  expect(ours).not.toHaveProperty('tls_first');
});
