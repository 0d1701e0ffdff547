/**
 * A packaged app, as it will be installed: its peer runs from the archive, answers the command line's socket, and
 * the whole app ends when the peer is asked to stop. Playwright cannot drive it: the fuses forbid inspecting it.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../../main/api/contract.ts';
import { connectLocalSocket } from '../../main/api/transports/local-socket-client.ts';
import { localSocketPath } from '../../main/api/transports/local-socket-path.ts';
import { codeOf } from '../../main/base/errors.ts';
import { masterKeyPath, openIdentity } from '../../main/identity/open-identity.ts';

const START_MS = 60_000;
const STOP_MS = 20_000;

/** @param home an empty folder */
export async function runPackaged(executable: string, home: string): Promise<void> {
  // With keys that are there already the app has nothing to ask.
  const protection = { kind: 'key-file', path: masterKeyPath(home) } as const;
  const { identity } = await openIdentity({ home, protection });
  const child = spawn(executable, [`--home=${home}`, '--hidden'], { stdio: 'inherit' });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  try {
    const client = await Promise.race([
      connect(home),
      exited.then((code) => assert.fail(`the app has exited with ${code}`)),
    ]);
    const status = await client.call('status.get', {});
    assert.equal(status.key, identity.key);
    assert.equal(status.pid, child.pid);
    assert.equal(status.ui, null);
    await client.call('peer.stop', {});
    const code = await Promise.race([exited, delay(STOP_MS, 'still running', { ref: false })]);
    assert.equal(code, 0);
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}

async function connect(home: string): Promise<ApiClient> {
  const end = performance.now() + START_MS;
  for (;;) {
    try {
      return await connectLocalSocket(localSocketPath(home));
    } catch (error) {
      if (codeOf(error) !== 'not-running' || performance.now() > end) throw error;
      await delay(200);
    }
  }
}
