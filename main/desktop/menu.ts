/** The application menu: macOS cannot copy and paste without one; elsewhere the window has all there is. */
import { Menu, type MenuItemConstructorOptions } from 'electron';

/**
 * @param platform `process.platform`
 * @param dev adds reload and the developer tools, in a checkout only
 */
export function setMenu(platform: NodeJS.Platform, dev: boolean): void {
  const template: MenuItemConstructorOptions[] = [];
  if (platform === 'darwin') {
    template.push({ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' });
  }
  if (dev) {
    template.push({ label: 'Develop', submenu: [{ role: 'reload' }, { role: 'toggleDevTools' }] });
  }
  Menu.setApplicationMenu(template.length === 0 ? null : Menu.buildFromTemplate(template));
}
