import { spawn, type ChildProcess } from 'node:child_process';
import { run } from './run.ts';

/** A process inside a namespace. */
export interface NodeProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Exit code, or null after a signal. */
  readonly ended: Promise<number | null>;
  /** The last 100,000 characters of its standard error. */
  log(): string;
  /** Resolves with the first line of standard output or error that matches; rejects when the process ends before. */
  seen(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string>;
  /** Resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** A machine of a topology: a network namespace with its interfaces, rules and processes. */
export class NetNode {
  readonly name: string;
  readonly namespace: string;
  readonly #processes = new Set<NodeProcess>();

  /** Use `Lab.node`. */
  constructor(name: string, namespace: string) {
    this.name = name;
    this.namespace = namespace;
  }

  /** The namespace itself, with a loopback that is up. IPv6 addresses are good at once: nobody doubts them here. */
  async make(): Promise<void> {
    await run('ip', ['netns', 'add', this.namespace]);
    await this.ip('link', 'set', 'lo', 'up');
    await this.set('ipv6/conf/all/accept_dad', 0);
    await this.set('ipv6/conf/default/accept_dad', 0);
  }

  /** `ip …` in this namespace. */
  ip(...args: string[]): Promise<string> {
    return run('ip', ['-n', this.namespace, ...args]);
  }

  /** Runs a command in this namespace to its end. */
  exec(command: string, args: readonly string[], input?: string): Promise<string> {
    return run('ip', ['netns', 'exec', this.namespace, command, ...args], input);
  }

  /** Adds rules, in the language of nft. */
  async nft(rules: string): Promise<void> {
    await this.exec('nft', ['-f', '-'], rules);
  }

  /** Sets a value below /proc/sys/net. */
  async set(key: string, value: number): Promise<void> {
    await this.exec('sh', ['-c', 'echo "$1" > "/proc/sys/net/$2"', 'sh', `${value}`, key]);
  }

  /** Sends out of an interface at this rate at most; what comes faster waits, for 200 ms at most. */
  async limit(device: string, megabitsPerSecond: number): Promise<void> {
    const rate = `${megabitsPerSecond}mbit`;
    const shape = ['root', 'tbf', 'rate', rate, 'burst', '64kb', 'latency', '200ms'];
    await run('tc', ['-n', this.namespace, 'qdisc', 'replace', 'dev', device, ...shape]);
  }

  /** Starts a process here. It ends with this one, even when this one is killed. */
  start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): NodeProcess {
    const inNamespace = ['ip', 'netns', 'exec', this.namespace, command, ...args];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...inNamespace], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const started = follow(child);
    this.#processes.add(started);
    void started.ended.then(() => this.#processes.delete(started));
    return started;
  }

  /** Kills what was started here; resolves when all of it is gone. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#processes].map((started) => started.kill()));
  }
}

function follow(child: ChildProcess): NodeProcess {
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (chunk: Buffer) => {
      text[stream] = (text[stream] + chunk.toString()).slice(-100_000);
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => resolve(code));
    child.once('error', () => resolve(null));
  });
  return {
    child,
    pid: child.pid ?? 0,
    ended,
    log: () => text.stderr,
    seen: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = text[stream].split('\n').find((one) => pattern.test(one));
          if (line === undefined) return;
          child[stream]?.off('data', look);
          resolve(line);
        };
        child[stream]?.on('data', look);
        look();
        void ended.then((code) =>
          reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}:\n${text.stderr}`)),
        );
      }),
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      await ended;
    },
  };
}
