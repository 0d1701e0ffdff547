/** What the main window's page can ask of the shell itself; everything else it asks the peer. */
import { MessageChannelMain, dialog, type OpenDialogOptions, type WebContents } from 'electron';
import { z } from 'zod';
import { APP_ORIGIN } from './app-protocol.ts';
import { handleIpc } from './ipc.ts';
import type { LinkInbox } from './links.ts';
import type { PeerHost } from './peer-host.ts';
import { bridgePorts } from './port-bridge.ts';
import type { MainWindow } from './window.ts';

const PICKERS = {
  file: { title: 'Choose files', properties: ['openFile', 'multiSelections'] },
  folder: { title: 'Choose a folder', properties: ['openDirectory', 'createDirectory'] },
} as const satisfies Record<string, { title: string; properties: OpenDialogOptions['properties'] }>;

export interface PageCallParts {
  readonly window: MainWindow;
  readonly host: PeerHost;
  readonly links: LinkInbox;
}

/** Answers the three calls of the preload. */
export function answerPage({ window, host, links }: PageCallParts): void {
  const senders = {
    origin: APP_ORIGIN,
    owns: (contents: WebContents) => window.owns(contents),
  };
  handleIpc('skerry:port', z.undefined(), senders, async (_none, contents) => {
    const thread = await host.connect();
    // The page may have gone while the peer started.
    if (contents.isDestroyed()) return thread.close();
    const { port1, port2 } = new MessageChannelMain();
    bridgePorts(port1, thread);
    contents.postMessage('skerry:port', null, [port2]);
  });
  handleIpc('skerry:pick-paths', z.enum(['file', 'folder']), senders, async (kind) => {
    const { title, properties } = PICKERS[kind];
    const options = { title, properties: [...properties] };
    const parent = window.visible;
    const { canceled, filePaths } = await (parent === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    return canceled ? [] : filePaths;
  });
  handleIpc('skerry:listen-links', z.undefined(), senders, () => {
    links.listen((link) => window.send('skerry:link', link));
  });
}
