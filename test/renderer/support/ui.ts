/** The built interface in Chromium, against a peer that a test invents, over the real UI server. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Handlers } from '../../../main/api/contract.ts';
import { createUiServer, type UiServer } from '../../../main/api/ui-server/ui-server.ts';
import { createLog } from '../../../main/base/log.ts';
import { fakePeer, type FakePeer } from '../../api/support/fake-peer.ts';
import { buildRenderer } from './build.ts';
import { launchChromium } from '../../support/chromium.ts';
import { status } from './samples.ts';

export interface OpenUi {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly peer: FakePeer;
  readonly server: UiServer;
  /** What the console complained of, the page threw, and the policy blocked. */
  readonly problems: string[];
}

export interface OpenOptions {
  readonly handlers?: Partial<Handlers>;
  /** CSS pixels; 1280 by default. */
  readonly width?: number;
  /** Where to go after the sign-in, e.g. `#/settings`. */
  readonly place?: string;
  /** Run in the page before its own scripts. */
  readonly script?: string;
  /** Opens this address instead of a fresh one with a token, and does not wait for the interface. */
  readonly address?: (server: UiServer) => string;
}

const quiet = createLog('silent');

/**
 * One build, one Chromium and one page for all tests of a file, because processes are what takes the time; every
 * `open` has its own server, and thereby its own origin and no session.
 */
export class UiBench {
  readonly root: string;
  readonly #browser: Browser;
  readonly #context: BrowserContext;
  readonly #page: Page;
  readonly #removeBuild: () => Promise<void>;
  readonly #cleanups: (() => Promise<unknown>)[] = [];

  private constructor(
    build: { root: string; remove: () => Promise<void> },
    browser: Browser,
    context: BrowserContext,
    page: Page,
  ) {
    this.root = build.root;
    this.#removeBuild = build.remove;
    this.#browser = browser;
    this.#context = context;
    this.#page = page;
  }

  static async start(): Promise<UiBench> {
    const [build, browser] = await Promise.all([buildRenderer(), launchChromium()]);
    const context = await browser.newContext({
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(10_000);
    await context.addInitScript(REPORT_VIOLATIONS);
    return new UiBench(build, browser, context, await context.newPage());
  }

  /** Serves an invented peer; closed by `tidy`. */
  async serve(
    handlers: Partial<Handlers> = {},
    port = 0,
  ): Promise<{ peer: FakePeer; server: UiServer }> {
    const peer = fakePeer({ ...nothing, ...handlers });
    const server = await createUiServer({ api: peer, root: this.root, port, log: quiet });
    this.#cleanups.push(() => server.close());
    return { peer, server };
  }

  /** Opens the interface of an invented peer; closed by `tidy`. */
  async open(options: OpenOptions = {}): Promise<OpenUi> {
    const { peer, server } = await this.serve(options.handlers);
    const page = await this.#pageFor(options);
    const problems = watch(page);
    this.#cleanups.push(async () => {
      page.removeAllListeners();
      await page.unrouteAll();
      await page.goto('about:blank');
    });
    await page.setViewportSize({ width: options.width ?? 1280, height: 760 });
    await page.goto(options.address?.(server) ?? server.mintUrl());
    if (options.address === undefined) {
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
      if (options.place !== undefined) await go(page, options.place);
    }
    return { page, context: this.#context, peer, server, problems };
  }

  /** Ends what the last test opened. */
  async tidy(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).toReversed()) await cleanup();
    await this.#context.clearCookies();
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#removeBuild();
  }

  /** The common page, or one of its own for a script that must not stay in it. */
  async #pageFor({ script }: OpenOptions): Promise<Page> {
    if (script === undefined) return this.#page;
    const page = await this.#context.newPage();
    this.#cleanups.push(() => page.close());
    await page.addInitScript(script);
    return page;
  }
}

/** Goes to a place as a link would. */
export async function go(page: Page, place: string): Promise<void> {
  await page.evaluate((fragment) => {
    window.location.hash = fragment;
  }, place);
}

/** A peer that has nothing and nobody. */
const nothing: Partial<Handlers> = {
  'status.get': () => Promise.resolve(status()),
  'contacts.list': () => Promise.resolve([]),
  'nearby.list': () => Promise.resolve([]),
  'nearby.settings': () => Promise.resolve({ lan: 'contacts', name: false }),
  'shares.list': () => Promise.resolve([]),
  'offers.list': () => Promise.resolve([]),
  'transfers.list': () => Promise.resolve([]),
  'services.list': () => Promise.resolve([]),
  'services.remote': () => Promise.resolve([]),
  'forwards.list': () => Promise.resolve([]),
};

const REPORT_VIOLATIONS = `
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI);
  });
`;

function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  return problems;
}
