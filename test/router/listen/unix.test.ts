import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient, startRouter } from './support.ts';

describe.skipIf(process.platform === 'win32')('router on a Unix socket', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'skerry-unix-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('speaks the protocol, to this user alone', async () => {
    const unixSocket = join(folder, 'router.sock');
    await using at = await startRouter({ unixSocket });
    expect(at.router.addresses()).toMatchObject({ nats: [], unix: [unixSocket] });
    expect(statSync(unixSocket).mode & 0o777).toBe(0o600);
    using client = RawClient.to(unixSocket);
    client.send('CONNECT {"verbose":false}\r\nSUB a 1\r\nPUB a 2\r\nhi\r\n');
    expect(await client.until('hi\r\n')).toContain('MSG a 1 2\r\nhi\r\n');
  });

  it('takes the place of a router that was killed', async () => {
    const unixSocket = join(folder, 'stale.sock');
    const leave = `require('net').createServer().listen(${JSON.stringify(unixSocket)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', leave]);
    expect(statSync(unixSocket).isSocket()).toBe(true);
    await using at = await startRouter({ unixSocket });
    using client = RawClient.to(unixSocket);
    await client.until('INFO');
    expect(at.lines.join('\n')).toContain(unixSocket);
  });

  it('leaves the socket of a living one alone, and anything that is no socket', async () => {
    const unixSocket = join(folder, 'taken.sock');
    await using at = await startRouter({ unixSocket });
    await expect(startRouter({ unixSocket })).rejects.toMatchObject({ code: 'router-listen' });
    using client = RawClient.to(unixSocket);
    await client.until('INFO');
    const file = join(folder, 'file');
    writeFileSync(file, 'mine');
    await expect(startRouter({ unixSocket: file })).rejects.toMatchObject({
      code: 'router-listen',
    });
    expect(at.router.clients.size).toBe(1);
  });
});
