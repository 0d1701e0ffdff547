/** The tray icon: the app while its window is closed. */
import { Menu, Tray, nativeImage } from 'electron';
import { join } from 'node:path';
import { appPaths } from './paths.ts';

export type TrayState = 'starting' | 'running' | 'paused' | 'stopping' | 'failed';

export interface TrayActions {
  open(): void;
  pause(): void;
  resume(): void;
  quit(): void;
}

const TOOLTIPS: Readonly<Record<TrayState, string>> = {
  starting: 'Skerry is starting',
  running: 'Skerry',
  paused: 'Skerry is paused',
  stopping: 'Skerry is stopping',
  failed: 'Skerry has stopped',
};

export class AppTray {
  readonly #tray: Tray;
  readonly #actions: TrayActions;
  #state: TrayState | undefined;

  /** @param platform `process.platform`: macOS draws its own colours and opens the menu on a click */
  constructor(actions: TrayActions, platform: NodeJS.Platform) {
    this.#actions = actions;
    // macOS takes `…Template.png` as a stencil for light and dark bars.
    const file = platform === 'darwin' ? 'trayTemplate.png' : 'tray.png';
    this.#tray = new Tray(nativeImage.createFromPath(join(appPaths.resources, file)));
    if (platform !== 'darwin') this.#tray.on('click', () => actions.open());
    this.show('starting');
  }

  /** Shows how the peer is, and what can be done about it. */
  show(state: TrayState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tray.setToolTip(TOOLTIPS[state]);
    const { open, pause, resume, quit } = this.#actions;
    const pausing =
      state === 'paused'
        ? { label: 'Resume', click: () => resume() }
        : { label: 'Pause', enabled: state === 'running', click: () => pause() };
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: 'Open Skerry', click: () => open() },
        pausing,
        { type: 'separator' },
        { label: 'Quit Skerry', enabled: state !== 'stopping', click: () => quit() },
      ]),
    );
  }

  remove(): void {
    this.#tray.destroy();
  }
}
