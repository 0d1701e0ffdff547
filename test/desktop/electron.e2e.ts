/**
 * The built app in the real Electron, driven by Playwright; run by run-electron.ts wherever Electron's binary is.
 * Each scenario has a data folder of its own.
 */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { CallName, ShareInfo } from '../../main/api/contract.ts';
import { masterKeyPath, openIdentity } from '../../main/identity/open-identity.ts';
import type { SkerryBridge } from '../../preload/preload.ts';

interface Surroundings {
  readonly executable: string;
  /** The checkout, built. */
  readonly root: string;
  /** An empty folder for this scenario. */
  readonly home: string;
}

interface Scenario {
  readonly name: string;
  /** Why it cannot run on this system. */
  readonly leftOut?: string | false;
  run(surroundings: Surroundings): Promise<void>;
}

const LINK = 'skerry://invite/AbC';
const START_MS = 60_000;

interface PagePort {
  onmessage: (event: { data: string }) => void;
  postMessage(text: string): void;
}

/** What the scenarios use of the page, whose own types are not those of this program. */
type PageGlobals = typeof globalThis & {
  skerry: SkerryBridge;
  links: string[];
  open(url: string): unknown;
  document: { title: string };
  location: { href: string };
  addEventListener(
    name: 'message',
    listener: (event: { data: unknown; ports: PagePort[] }) => void,
  ): void;
};

interface Started {
  readonly app: ElectronApplication;
  page(): Promise<Page>;
  /** Which windows can be seen. */
  visible(): Promise<boolean[]>;
  quit(): Promise<number | null>;
}

/** A home whose keys need no keychain, so that a machine without one asks nothing. */
async function withKeys(home: string): Promise<string> {
  await openIdentity({ home, protection: { kind: 'key-file', path: masterKeyPath(home) } });
  return home;
}

function argumentsOf({ root, home }: Surroundings, more: readonly string[]): string[] {
  // Chromium refuses to run with its sandbox as root, as in a container.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return [...sandbox, root, `--home=${home}`, ...more];
}

async function start(surroundings: Surroundings, ...more: string[]): Promise<Started> {
  const app = await _electron.launch({
    executablePath: surroundings.executable,
    args: argumentsOf(surroundings, more),
    timeout: START_MS,
  });
  const exited = new Promise<number | null>((resolve) => app.process().once('exit', resolve));
  return {
    app,
    page: () => app.firstWindow({ timeout: START_MS }),
    visible: () =>
      app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map((window) => window.isVisible()),
      ),
    quit: async () => {
      // The answer may be lost with the process.
      await app.evaluate((electron) => electron.app.quit()).catch(() => undefined);
      return exited;
    },
  };
}

/** One call to the peer over a port of its own, from within the page. */
async function ask(ui: Page, call: CallName, params: object): Promise<unknown> {
  const answer = await ui.evaluate(
    async ([name, given]) => {
      const globals = globalThis as PageGlobals;
      const received = new Promise<PagePort>((resolve) =>
        globals.addEventListener('message', ({ data, ports: [port] }) => {
          if (data === 'skerry-port' && port !== undefined) resolve(port);
        }),
      );
      await globals.skerry.requestPort();
      const port = await received;
      return new Promise<string>((resolve) => {
        port.onmessage = ({ data }) => resolve(data);
        port.postMessage(JSON.stringify({ id: 1, call: name, params: given }));
      });
    },
    [call, params] as const,
  );
  const { result } = JSON.parse(answer) as { result?: unknown };
  assert.ok(result !== undefined, answer);
  return result;
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await check())) {
    assert.ok(performance.now() < end, `${what}: not within 30 s`);
    await delay(100);
  }
}

async function withApp(
  surroundings: Surroundings,
  args: string[],
  work: (started: Started) => Promise<void>,
): Promise<void> {
  await withKeys(surroundings.home);
  const started = await start(surroundings, ...args);
  try {
    await work(started);
  } finally {
    assert.equal(await started.quit(), 0, 'the app quits with 0');
  }
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'the window shows the UI, which reaches the peer by its port',
    run: (surroundings) =>
      withApp(surroundings, [], async ({ page }) => {
        const ui = await page();
        assert.equal(new URL(ui.url()).protocol, 'skerry-app:');
        assert.equal(await ui.title(), 'Skerry');
        const result = (await ask(ui, 'status.get', {})) as { home: string; ui: null };
        assert.equal(result.home, surroundings.home);
        assert.equal(result.ui, null);
      }),
  },
  {
    name: 'a file that is called .asar is shared as the file it is',
    run: (surroundings) =>
      withApp(surroundings, [], async ({ page }) => {
        const ui = await page();
        const path = join(surroundings.home, 'notes.asar');
        writeFileSync(path, 'no archive at all');
        await ask(ui, 'shares.add', { path });
        await until('the share is ready', async () => {
          const [share] = (await ask(ui, 'shares.list', {})) as ShareInfo[];
          return share?.kind === 'file' && share.state === 'ready' && share.bytes === 17;
        });
      }),
  },
  {
    name: 'the page has four names of the shell, and nothing of Node or Electron',
    run: (surroundings) =>
      withApp(surroundings, [], async ({ page }) => {
        const names = await (
          await page()
        ).evaluate(() => ({
          bridge: Object.keys((globalThis as PageGlobals).skerry).sort(),
          node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
        }));
        assert.deepEqual(names.bridge, ['onDeepLink', 'pickPaths', 'platform', 'requestPort']);
        assert.deepEqual(names.node, []);
      }),
  },
  {
    name: 'the page goes nowhere, opens nothing, loads nothing from outside and reads no other file',
    run: (surroundings) =>
      withApp(surroundings, [], async ({ app, page }) => {
        // The browser stays closed: what would be opened is noted.
        await app.evaluate(({ shell }) => {
          const opened: string[] = [];
          Object.assign(globalThis, { opened });
          shell.openExternal = async (url) => void opened.push(url);
        });
        const ui = await page();
        const before = ui.url();
        const seen = await ui.evaluate(async () => {
          const globals = globalThis as PageGlobals;
          const reach = (url: string) =>
            fetch(url).then(
              (response) => response.status,
              () => 'refused',
            );
          return {
            window: globals.open('https://example.org/window') === null,
            network: await reach('https://example.org/'),
            loopback: await reach('http://127.0.0.1:80/'),
            file: await reach('file:///etc/hosts'),
            traversal: await reach('skerry-app://ui/..%2f..%2fpackage.json'),
          };
        });
        assert.deepEqual(seen, {
          window: true,
          network: 'refused',
          loopback: 'refused',
          file: 'refused',
          traversal: 404,
        });
        await ui.evaluate(() => {
          (globalThis as PageGlobals).location.href = 'https://example.org/page';
        });
        await delay(500);
        assert.equal(ui.url(), before);
        const opened = await app.evaluate(
          () => (globalThis as typeof globalThis & { opened: string[] }).opened,
        );
        assert.deepEqual(opened, ['https://example.org/window', 'https://example.org/page']);
      }),
  },
  {
    name: 'permissions are denied',
    run: (surroundings) =>
      withApp(surroundings, [], async ({ page }) => {
        const states = await (
          await page()
        ).evaluate(async () => {
          const { permissions } = (
            globalThis as unknown as {
              navigator: {
                permissions: { query(of: { name: string }): Promise<{ state: string }> };
              };
            }
          ).navigator;
          const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read'];
          return Promise.all(names.map(async (name) => (await permissions.query({ name })).state));
        });
        assert.deepEqual([...new Set(states)], ['denied']);
      }),
  },
  {
    name: 'closing hides the window; a second start shows it again, hands its link over and leaves',
    run: (surroundings) =>
      withApp(surroundings, [], async ({ app, page, visible }) => {
        const ui = await page();
        await ui.evaluate(() => {
          const globals = globalThis as PageGlobals;
          globals.links = [];
          globals.skerry.onDeepLink((link) => globals.links.push(link));
        });
        await until('the window is visible', async () => (await visible())[0] === true);
        await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
        assert.deepEqual(await visible(), [false]);
        const { spawn } = await import('node:child_process');
        const second = spawn(surroundings.executable, argumentsOf(surroundings, [LINK]), {
          stdio: 'ignore',
        });
        const code = await new Promise((resolve) => second.once('exit', resolve));
        assert.equal(code, 0);
        await until('the window is visible again', async () => (await visible())[0] === true);
        await until('the link is there', async () =>
          ui.evaluate((link) => (globalThis as PageGlobals).links.includes(link), LINK),
        );
      }),
  },
  {
    name: 'a hidden start has no window, and quits in order',
    run: (surroundings) =>
      withApp(surroundings, ['--hidden'], async ({ visible }) => {
        await until('the peer runs', async () => existsSync(join(surroundings.home, 'skerry.db')));
        await delay(2_000);
        assert.deepEqual(await visible(), []);
      }),
  },
  {
    name: 'the system keeps the master key of a new home, and gives it back',
    leftOut: process.platform === 'linux' && 'a keyring cannot be taken for granted on Linux',
    run: async (surroundings) => {
      const wrapped = join(surroundings.home, 'master.os');
      const startOnce = async (): Promise<void> => {
        const started = await start(surroundings);
        try {
          await started.page();
          assert.ok(existsSync(wrapped));
        } finally {
          assert.equal(await started.quit(), 0);
        }
      };
      await startOnce();
      await startOnce();
    },
  },
];
