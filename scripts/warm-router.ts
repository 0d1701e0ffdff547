/**
 * Starts the built router once and ends it, so that V8's code cache (main/cli/built-router.ts) is there for the first
 * user too. The router has a configuration with TLS, for what starting that takes. Without the cache everything works,
 * hence no failure is one of the build.
 */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selfSignedCredential } from '../main/identity/certificate.ts';
import type { PeerKey } from '../main/identity/types.ts';

/** Longer than the router waits before it keeps what is compiled. */
const RUN_MS = 2_000;

const program = fileURLToPath(new URL('../dist/main/cli/main.js', import.meta.url));
// What is there is of an earlier build.
rmSync(fileURLToPath(new URL('../dist/.code-cache', import.meta.url)), {
  recursive: true,
  force: true,
});
const folder = mkdtempSync(join(tmpdir(), 'skerry-warm-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
try {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { certPem, keyPem } = await selfSignedCredential('warm' as PeerKey, privateKey);
  const tls = { cert_file: file('cert.pem', certPem), key_file: file('key.pem', keyPem) };
  const users = [{ user: 'a', password: 'b', permissions: { publish: 'a', subscribe: 'b' } }];
  const config = {
    listen: '127.0.0.1:-1',
    http: '127.0.0.1:-1',
    ports_file_dir: folder,
    tls,
    authorization: { users },
  };
  const words = ['router', '-c', file('server.conf', JSON.stringify(config))];
  const router = spawn(process.execPath, [program, ...words], { stdio: 'ignore' });
  await new Promise((resolve) => {
    router.once('error', resolve).once('close', resolve);
    setTimeout(() => router.kill('SIGTERM'), RUN_MS);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
