/** scp over an sshd of our own on loopback, with keys made for the run. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/peer-process.ts';

interface Scp extends AsyncDisposable {
  /** CPU is not counted: sshd forks one process a connection. */
  copy(
    from: string,
    to: string,
    bytes: number,
  ): Promise<{ megabytesPerSecond: number; cpuSeconds: number }>;
}

const SSHD = '/usr/sbin/sshd';

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

/** Starts sshd, or says what is missing. */
export async function startScp(folder: string): Promise<Scp | { missing: string }> {
  if (!existsSync('/usr/bin/scp') || !existsSync(SSHD)) {
    return { missing: 'scp or sshd is not installed (Debian: openssh-client, openssh-server)' };
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync('/run/sshd', { recursive: true });
  const key = (name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    return join(folder, name);
  };
  const [host, user] = [key('host'), key('user')];
  const port = await freePort();
  writeFileSync(
    join(folder, 'sshd_config'),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${host}`,
      `AuthorizedKeysFile ${user}.pub`,
      'PermitRootLogin yes',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'Subsystem sftp internal-sftp',
      `PidFile ${join(folder, 'sshd.pid')}`,
      '',
    ].join('\n'),
  );
  const server = spawn(SSHD, ['-D', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
  await until(
    () =>
      new Promise<boolean>((resolve) => {
        const probe = connect(port, '127.0.0.1', () => resolve(true)).on('error', () =>
          resolve(false),
        );
        probe.once('close', () => undefined).unref();
        probe.end();
      }),
    'sshd answers',
  );
  return {
    async copy(from, to, bytes) {
      const began = performance.now();
      const options = [
        '-q',
        '-i',
        user,
        '-P',
        String(port),
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        'LogLevel=ERROR',
      ];
      await new Promise<void>((resolve, reject) => {
        spawn('scp', [...options, from, `${userInfo().username}@127.0.0.1:${to}`], {
          stdio: 'inherit',
        })
          .on('error', reject)
          .on('close', (code) =>
            code === 0 ? resolve() : reject(new Error(`scp ended with ${code}`)),
          );
      });
      const seconds = (performance.now() - began) / 1000;
      rmSync(to);
      return { megabytesPerSecond: bytes / 1e6 / seconds, cpuSeconds: NaN };
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.once('close', () => resolve());
        server.kill();
      });
    },
  };
}
