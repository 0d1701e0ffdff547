/** What the preload script of the desktop app puts on `window` (preload/preload.ts). */
export interface Desktop {
  /** Asks for a port to the peer; it arrives as a `message` event of `window` with the data `skerry-port`. */
  requestPort(): Promise<void>;
  /** The system's own picker: absolute paths, empty when it was cancelled. */
  pickPaths(kind: 'file' | 'folder'): Promise<string[]>;
  /** Tells of `skerry://invite/…` links that were opened; returns the end of listening. */
  onDeepLink(listener: (link: string) => void): () => void;
  /** `process.platform`. */
  readonly platform: string;
}

declare global {
  interface Window {
    readonly skerry?: Desktop;
  }
}

/** The desktop app around this page, or undefined in a browser. */
export function desktop(): Desktop | undefined {
  return window.skerry;
}
