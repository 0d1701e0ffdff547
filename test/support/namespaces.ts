/** Network namespaces of Linux: hosts with networks of their own on one machine. Root only. */
import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Why this machine cannot make them, for people; undefined: it can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are there on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    execFileSync('ip', ['netns', 'list'], { stdio: 'ignore' });
  } catch {
    return 'there is no ip command, or it knows no namespaces (Debian: iproute2)';
  }
  return undefined;
}

let made = 0;
/** Those that are left when this process ends before they are disposed of. */
const open = new Set<Namespace>();
process.on('exit', () => {
  for (const namespace of open) namespace[Symbol.dispose]();
});

/** One of them, with loopback and no IPv6; deleted by `[Symbol.dispose]`, with the devices in it. */
export class Namespace implements Disposable {
  readonly name: string;

  constructor(word: string) {
    made += 1;
    this.name = `sk${String(process.pid)}-${word}${String(made)}`;
    execFileSync('ip', ['netns', 'add', this.name]);
    open.add(this);
    this.sysctl('net.ipv6.conf.all.disable_ipv6', '1');
    this.sysctl('net.ipv6.conf.default.disable_ipv6', '1');
    this.ip('link', 'set', 'lo', 'up');
  }

  /** `ip` inside. Throws what it says. */
  ip(...args: string[]): void {
    execFileSync('ip', ['-n', this.name, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** @param key with dots */
  sysctl(key: string, value: string): void {
    const file = `/proc/sys/${key.replaceAll('.', '/')}`;
    if (!existsSync(file)) return;
    const command = 'echo "$1" > "$0"';
    execFileSync('ip', ['netns', 'exec', this.name, 'sh', '-c', command, file, value]);
  }

  /** This Node with a script, inside; with an IPC channel. Its pid is the script's. */
  fork(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
    const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', 'ipc'];
    const command = ['netns', 'exec', this.name, process.execPath, ...process.execArgv, ...args];
    return spawn('ip', command, { stdio, env });
  }

  [Symbol.dispose](): void {
    if (!open.delete(this)) return;
    execFileSync('ip', ['netns', 'del', this.name]);
  }
}
