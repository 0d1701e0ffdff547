/** What the preload script of the desktop app puts on `window`. */
export interface Desktop {
  /** A new port to the peer. */
  port(): Promise<MessagePort>;
  /** The system's own picker; empty when it was cancelled. */
  pickPaths(kind: 'file' | 'folder'): Promise<string[]>;
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
