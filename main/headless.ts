/** The peer without Electron: a daemon, with the same UI on loopback for a browser on this machine. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createUiServer, type UiServer } from './api/ui-server/ui-server.ts';
import type { Status } from './api/contract.ts';
import { createLog } from './base/log.ts';
import { hostPeer } from './hosting.ts';
import type { Protection } from './identity/key-file/protection.ts';
import { readPassphraseFile } from './identity/key-file/protection.ts';
import { parseConfig, type Config, type ConfigInput } from './peer/config.ts';

export interface HeadlessOptions {
  /** Absolute. */
  readonly home: string;
  readonly name?: string;
  readonly udp?: { readonly enabled?: boolean; readonly port?: number };
  readonly nats?: readonly { server: string; prefix: string; creds?: string }[];
  readonly ui?: { readonly enabled?: boolean; readonly port?: number };
  readonly downloads?: string;
  /** A file whose content is the passphrase of the key storage. */
  readonly passphraseFile?: string;
  readonly logLevel?: string;
}

export interface Headless {
  status(): Promise<Status>;
  /** A one-time address of the UI; null without one. */
  readonly uiUrl: string | null;
  /** Resolves when the peer has stopped, also when a client of the API asked for it. */
  readonly stopped: Promise<void>;
  /** Orderly; idempotent. */
  stop(): Promise<void>;
}

/** The built UI: beside the compiled program, or in dist/ of the sources. */
function rendererFolder(): string {
  const beside = fileURLToPath(new URL('../renderer/', import.meta.url));
  return existsSync(`${beside}index.html`) && !import.meta.url.endsWith('.ts')
    ? beside
    : fileURLToPath(new URL('../dist/renderer/', import.meta.url));
}

async function protectionOf(passphraseFile: string | undefined): Promise<Protection | undefined> {
  if (passphraseFile === undefined) return undefined;
  return { kind: 'passphrase', passphrase: await readPassphraseFile(passphraseFile) };
}

/**
 * Starts a headless peer.
 *
 * @throws as `hostPeer`, and ApiError `ui-port-…`, IdentityError `passphrase-unusable`; nothing is left running
 */
export async function startHeadless(options: HeadlessOptions): Promise<Headless> {
  const { home, passphraseFile, ...asked } = options;
  const config = asked as ConfigInput;
  const checked: Config = parseConfig(config, 'The options');
  const log = createLog(checked.logLevel);
  const protection = await protectionOf(passphraseFile);
  const { promise: stopped, resolve: tellStopped } = Promise.withResolvers<void>();
  let ui: UiServer | undefined;
  const hosted = await hostPeer(
    { home, config, log, ...(protection !== undefined && { protection }) },
    {
      uiAddress: () => ui?.url ?? null,
      mintUiAddress: () => ui?.mintUrl() ?? null,
      // After the answer to whoever asked has left.
      requestStop: () => void setImmediate(() => void stop()),
    },
  );
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      await ui?.close();
      await hosted.stop();
      tellStopped();
    })();
    return stopping;
  };
  const { ui: uiConfig } = hosted.peer.config;
  if (uiConfig.enabled) {
    try {
      ui = await createUiServer({
        api: hosted.api,
        root: rendererFolder(),
        port: uiConfig.port,
        log,
      });
    } catch (error) {
      await stop();
      throw error;
    }
  }
  return {
    status: () => hosted.api.handlers['status.get']({}, new AbortController().signal),
    uiUrl: ui?.mintUrl() ?? null,
    stopped,
    stop,
  };
}
