/** The bridge of the main window's page: four names, no Node, no Electron. Built as one CommonJS file. */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';

// The page's own objects, as far as they are needed here.
declare const window: {
  postMessage(message: string, origin: string, ports: IpcRendererEvent['ports']): void;
};
declare const location: { readonly origin: string };

const bridge = {
  /** `darwin`, `linux`, `win32`. */
  platform: process.platform,

  /**
   * Asks for a connection to the peer's API. A port cannot pass the bridge as a result: it comes to the page as a
   * `message` event of `window` with the data `skerry-port` and the port as `ports[0]`. Rejects without a peer.
   */
  requestPort: (): Promise<void> => ipcRenderer.invoke('skerry:port'),

  /** Lets the person choose files or a folder of this computer: absolute paths, none when given up. */
  pickPaths: (kind: 'file' | 'folder'): Promise<string[]> =>
    ipcRenderer.invoke('skerry:pick-paths', kind),

  /** `skerry://invite/…` links that the person opened, to be shown for confirmation. Returns the end of listening. */
  onDeepLink(listener: (link: string) => void): () => void {
    const receive = (_event: unknown, link: string): void => listener(link);
    ipcRenderer.on('skerry:link', receive);
    // A link that came before the page did is sent now.
    void ipcRenderer.invoke('skerry:listen-links');
    return () => void ipcRenderer.off('skerry:link', receive);
  },
};

export type SkerryBridge = typeof bridge;

ipcRenderer.on('skerry:port', (event) => {
  window.postMessage('skerry-port', location.origin, event.ports);
});
contextBridge.exposeInMainWorld('skerry', bridge);
