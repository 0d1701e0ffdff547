/**
 * Stands in for Electron in the tests of the desktop shell (vitest.config.ts puts it in the place of `electron`),
 * and records what the shell does. Each part is checked against electron.d.ts, so that it cannot drift from what
 * Electron has; what the shell uses and the stub lacks fails the test that meets it.
 */
import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort as ThreadPort } from 'node:worker_threads';
import type * as Real from 'electron';

type Preventable = { preventDefault(): void; readonly defaultPrevented: boolean };

/** An event that can be prevented, with what else it tells. */
export function eventWith<Facts extends object>(facts: Facts): Facts & Preventable {
  const event = {
    defaultPrevented: false,
    preventDefault: () => {
      event.defaultPrevented = true;
    },
  };
  return Object.assign(event, facts);
}

const freshRecord = () => ({
  /** Names of calls in their order, where order matters. */
  calls: [] as string[],
  ready: false,
  packaged: true,
  hasLock: true,
  paths: new Map<string, string>(),
  protocolClients: [] as unknown[][],
  exitCodes: [] as number[],
  schemes: [] as Real.CustomScheme[],
  served: new Map<string, Parameters<Real.Protocol['handle']>[1]>(),
  windows: [] as StubWindow[],
  trays: [] as StubTray[],
  notifications: [] as StubNotification[],
  canNotify: true,
  applicationMenu: undefined as StubMenu | null | undefined,
  opened: [] as string[],
  handlers: new Map<string, Parameters<Real.IpcMain['handle']>[1]>(),
  permissionRequest: null as Parameters<Real.Session['setPermissionRequestHandler']>[0],
  permissionCheck: null as Parameters<Real.Session['setPermissionCheckHandler']>[0],
  devicePermission: null as Parameters<Real.Session['setDevicePermissionHandler']>[0],
  beforeRequest: null as unknown,
  /** Message boxes that were shown, and the buttons that the person will press. */
  boxes: [] as Real.MessageBoxOptions[],
  presses: [] as number[],
  errorBoxes: [] as { title: string; content: string }[],
  pickers: [] as Real.OpenDialogOptions[],
  picks: [] as string[][],
  bridge: undefined as unknown,
  storage: {
    available: true,
    backend: 'gnome_libsecret' as ReturnType<Real.SafeStorage['getSelectedStorageBackend']>,
    /** Chromium's mark on what it enciphered. */
    mark: 'v11',
    fails: false,
    rotated: false,
  },
});

/** What the shell did, and how the stub answers. */
export let record = freshRecord();

class StubApp extends EventEmitter {
  get isPackaged(): boolean {
    return record.packaged;
  }
  whenReady(): Promise<void> {
    record.ready = true;
    return Promise.resolve();
  }
  isReady = (): boolean => record.ready;
  enableSandbox = (): void => void record.calls.push('enableSandbox');
  setName = (name: string): void => void record.calls.push(`setName ${name}`);
  setAppUserModelId = (id: string): void => void record.calls.push(`setAppUserModelId ${id}`);
  setPath = (name: string, path: string): void => void record.paths.set(name, path);
  requestSingleInstanceLock = (): boolean => record.hasLock;
  setAsDefaultProtocolClient(...args: unknown[]): boolean {
    record.protocolClients.push(args);
    return true;
  }
  getAppPath = (): string => '/opt/checkout';
  exit = (code?: number): void => void record.exitCodes.push(code ?? 0);
  quit(): void {
    const event = eventWith({});
    this.emit('before-quit', event);
    if (!event.defaultPrevented) this.exit(0);
  }
}

export const app = new StubApp() satisfies Pick<
  Real.App,
  | 'isPackaged'
  | 'whenReady'
  | 'isReady'
  | 'enableSandbox'
  | 'setName'
  | 'setAppUserModelId'
  | 'setPath'
  | 'requestSingleInstanceLock'
  | 'setAsDefaultProtocolClient'
  | 'getAppPath'
  | 'exit'
  | 'quit'
>;

class StubContents extends EventEmitter {
  readonly sent: [channel: string, ...args: unknown[]][] = [];
  readonly window: StubWindow;
  openHandler: Parameters<Real.WebContents['setWindowOpenHandler']>[0] | undefined;
  /** The frame that IPC from this page comes from. */
  mainFrame = { url: '', parent: null as object | null };
  reloads = 0;

  constructor(window: StubWindow) {
    super();
    this.window = window;
  }
  getURL = (): string => this.mainFrame.url;
  isDestroyed = (): boolean => this.window.isDestroyed();
  setWindowOpenHandler(handler: Parameters<Real.WebContents['setWindowOpenHandler']>[0]): void {
    this.openHandler = handler;
  }
  reload(): void {
    this.reloads += 1;
    this.startNavigation(false);
  }
  send(channel: string, ...args: unknown[]): void {
    this.sent.push([channel, ...args]);
    ipcRenderer.emit(channel, {}, ...args);
  }
  /** As Electron: ports of the main process arrive in the page as ports of the page. */
  postMessage(channel: string, message: unknown, transfer: Real.MessagePortMain[] = []): void {
    this.sent.push([channel, message]);
    const ports = transfer.map((port) => (port as unknown as StubPort).inner);
    ipcRenderer.emit(channel, { ports }, message);
  }
  startNavigation(isSameDocument: boolean): void {
    this.emit('did-start-navigation', { isMainFrame: true, isSameDocument });
  }
}

class StubWindow extends EventEmitter {
  readonly options: Real.BrowserWindowConstructorOptions;
  readonly webContents = new StubContents(this) satisfies Pick<
    Real.WebContents,
    'getURL' | 'isDestroyed' | 'setWindowOpenHandler' | 'reload' | 'send' | 'postMessage'
  >;
  visible = false;
  focused = false;
  minimized = false;
  #destroyed = false;

  constructor(options: Real.BrowserWindowConstructorOptions = {}) {
    super();
    if (!record.ready) throw new Error('Cannot create BrowserWindow before app is ready');
    this.options = options;
    this.visible = options.show ?? true;
    record.windows.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    const [before, after] = [this.webContents.mainFrame.url, url].map((text) => text.split('#')[0]);
    this.webContents.startNavigation(before === after);
    this.webContents.mainFrame = { url, parent: null };
    if (before !== after) queueMicrotask(() => this.emit('ready-to-show'));
  }
  show = (): void => void (this.visible = true);
  hide = (): void => void (this.visible = false);
  focus = (): void => void (this.focused = true);
  restore = (): void => void (this.minimized = false);
  isVisible = (): boolean => this.visible;
  isFocused = (): boolean => this.focused;
  isMinimized = (): boolean => this.minimized;
  isDestroyed = (): boolean => this.#destroyed;
  close(): void {
    const event = eventWith({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.visible = false;
    this.emit('closed');
  }
}

export const BrowserWindow = StubWindow satisfies new (
  options?: Real.BrowserWindowConstructorOptions,
) => Pick<
  Real.BrowserWindow,
  | 'loadURL'
  | 'show'
  | 'hide'
  | 'focus'
  | 'restore'
  | 'isVisible'
  | 'isFocused'
  | 'isMinimized'
  | 'isDestroyed'
  | 'close'
  | 'destroy'
>;

class StubMenu {
  readonly template: readonly Real.MenuItemConstructorOptions[];
  constructor(template: readonly Real.MenuItemConstructorOptions[] = []) {
    this.template = template;
  }
  static buildFromTemplate(template: Real.MenuItemConstructorOptions[]): StubMenu {
    return new StubMenu(template);
  }
  static setApplicationMenu(menu: unknown): void {
    record.applicationMenu = menu as StubMenu | null;
  }
  item(label: string): Real.MenuItemConstructorOptions {
    const item = this.template.find((candidate) => candidate.label === label);
    if (item === undefined) throw new Error(`The menu has no item "${label}".`);
    return item;
  }
  /** A person chooses an item; a disabled one does nothing. */
  press(label: string): void {
    const { click, enabled = true } = this.item(label);
    if (enabled) (click as (() => void) | undefined)?.();
  }
}

export const Menu = StubMenu satisfies {
  buildFromTemplate(template: Real.MenuItemConstructorOptions[]): object;
  setApplicationMenu: (typeof Real.Menu)['setApplicationMenu'];
};

class StubTray extends EventEmitter {
  readonly image: unknown;
  toolTip = '';
  menu = new StubMenu();
  destroyed = false;
  constructor(image: unknown) {
    super();
    this.image = image;
    record.trays.push(this);
  }
  setToolTip = (text: string): void => void (this.toolTip = text);
  setContextMenu = (menu: unknown): void => void (this.menu = menu as StubMenu);
  destroy = (): void => void (this.destroyed = true);
}

export const Tray = StubTray satisfies new (
  image: string | Real.NativeImage,
) => Pick<Real.Tray, 'setToolTip' | 'setContextMenu' | 'destroy'>;

export const nativeImage = {
  createFromPath: (path: string) => ({ path }),
} satisfies { [Name in 'createFromPath']: (path: string) => object };

class StubNotification extends EventEmitter {
  readonly options: Real.NotificationConstructorOptions;
  shown = false;
  constructor(options: Real.NotificationConstructorOptions = {}) {
    super();
    this.options = options;
    record.notifications.push(this);
  }
  static isSupported(): boolean {
    return record.canNotify;
  }
  show = (): void => void (this.shown = true);
}

export const Notification = StubNotification satisfies (new (
  options?: Real.NotificationConstructorOptions,
) => Pick<Real.Notification, 'show'>) &
  Pick<typeof Real.Notification, 'isSupported'>;

export const dialog = {
  async showMessageBox(...args: unknown[]): Promise<Real.MessageBoxReturnValue> {
    record.boxes.push(args.at(-1) as Real.MessageBoxOptions);
    const response = record.presses.shift();
    if (response === undefined) throw new Error('Nobody answers the message box.');
    return { response, checkboxChecked: false };
  },
  showErrorBox: (title: string, content: string): void =>
    void record.errorBoxes.push({ title, content }),
  async showOpenDialog(...args: unknown[]): Promise<Real.OpenDialogReturnValue> {
    record.pickers.push(args.at(-1) as Real.OpenDialogOptions);
    const filePaths = record.picks.shift() ?? [];
    return { canceled: filePaths.length === 0, filePaths };
  },
} satisfies Pick<Real.Dialog, 'showMessageBox' | 'showErrorBox' | 'showOpenDialog'>;

export const shell = {
  openExternal: async (url: string): Promise<void> => void record.opened.push(url),
} satisfies Pick<Real.Shell, 'openExternal'>;

export const protocol = {
  registerSchemesAsPrivileged: (schemes: Real.CustomScheme[]): void => {
    if (record.ready) throw new Error('Schemes are registered before the app is ready.');
    record.schemes.push(...schemes);
  },
  handle: (scheme: string, handler: Parameters<Real.Protocol['handle']>[1]): void =>
    void record.served.set(scheme, handler),
} satisfies Pick<Real.Protocol, 'registerSchemesAsPrivileged' | 'handle'>;

class StubSession extends EventEmitter {
  readonly protocol = protocol;
  readonly webRequest = {
    onBeforeRequest: (listener: unknown): void => void (record.beforeRequest = listener),
  } satisfies { onBeforeRequest(listener: unknown): void } & Partial<Real.WebRequest>;
  setPermissionRequestHandler(handler: typeof record.permissionRequest): void {
    record.permissionRequest = handler;
  }
  setPermissionCheckHandler(handler: typeof record.permissionCheck): void {
    record.permissionCheck = handler;
  }
  setDevicePermissionHandler(handler: typeof record.devicePermission): void {
    record.devicePermission = handler;
  }
}

export const session = {
  defaultSession: new StubSession() satisfies Pick<
    Real.Session,
    'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
  >,
};

export const safeStorage = {
  isAsyncEncryptionAvailable: async () => record.storage.available,
  getSelectedStorageBackend: () => record.storage.backend,
  async encryptStringAsync(text: string): Promise<Buffer> {
    const disguised = Buffer.from(text).map((byte) => byte ^ 0x5a);
    return Buffer.concat([Buffer.from(record.storage.mark), disguised]);
  },
  async decryptStringAsync(encrypted: Buffer): Promise<Real.DecryptStringAsyncReturnValue> {
    if (record.storage.fails) throw new Error('Error while decrypting the ciphertext provided.');
    const result = Buffer.from(encrypted.subarray(3).map((byte) => byte ^ 0x5a)).toString();
    return { result, shouldReEncrypt: record.storage.rotated };
  },
} satisfies Pick<
  Real.SafeStorage,
  | 'isAsyncEncryptionAvailable'
  | 'getSelectedStorageBackend'
  | 'encryptStringAsync'
  | 'decryptStringAsync'
>;

/** A port of the main process: a real port with Electron's events. */
class StubPort extends EventEmitter {
  readonly inner: ThreadPort;
  constructor(inner: ThreadPort) {
    super();
    this.inner = inner;
    inner.on('close', () => this.emit('close'));
  }
  start = (): void => {
    this.inner.on('message', (data: unknown) => this.emit('message', { data, ports: [] }));
  };
  postMessage = (message: unknown): void => this.inner.postMessage(message);
  close = (): void => this.inner.close();
}

export class MessageChannelMain {
  readonly port1: Pick<Real.MessagePortMain, 'start' | 'postMessage' | 'close'>;
  readonly port2: Pick<Real.MessagePortMain, 'start' | 'postMessage' | 'close'>;
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new StubPort(port1);
    this.port2 = new StubPort(port2);
  }
}

export const ipcMain = {
  handle(channel: string, listener: Parameters<Real.IpcMain['handle']>[1]): void {
    if (record.handlers.has(channel)) throw new Error(`A second handler for ${channel}.`);
    record.handlers.set(channel, listener);
  },
  removeHandler: (channel: string): void => void record.handlers.delete(channel),
} satisfies Pick<Real.IpcMain, 'handle' | 'removeHandler'>;

class StubIpcRenderer extends EventEmitter {
  /** As from the page of the newest window. */
  invoke(channel: string, ...args: unknown[]): Promise<unknown> {
    const contents = record.windows.at(-1)?.webContents;
    return invokeFrom(contents, contents?.mainFrame ?? null, channel, ...args);
  }
}

export const ipcRenderer = new StubIpcRenderer() satisfies Pick<Real.IpcRenderer, 'invoke'>;

/** A page's message to the shell; a refusal arrives as Electron words it. */
export async function invokeFrom(
  sender: object | undefined,
  senderFrame: object | null,
  channel: string,
  ...args: unknown[]
): Promise<unknown> {
  const handler = record.handlers.get(channel);
  if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
  try {
    return await handler({ sender, senderFrame } as Real.IpcMainInvokeEvent, ...args);
  } catch (error) {
    const message = `Error invoking remote method '${channel}': ${String(error)}`;
    throw new Error(message, { cause: error });
  }
}

export const contextBridge = {
  exposeInMainWorld: (name: string, api: unknown): void => {
    record.bridge = { name, api };
  },
} satisfies Pick<Real.ContextBridge, 'exposeInMainWorld'>;

/** Forgets everything between two tests. */
export function resetElectron(): void {
  record = freshRecord();
  for (const emitter of [app, ipcRenderer, session.defaultSession]) emitter.removeAllListeners();
}
