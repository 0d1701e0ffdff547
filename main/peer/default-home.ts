import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

export interface HomeSurroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userHome: string;
}

/**
 * The home folder of a peer when none is named: `SKERRY_HOME`, else the system's folder for application data
 * (XDG Base Directory Specification; `~/Library/Application Support`; `%APPDATA%`). Absolute.
 */
export function defaultHome(
  { platform, env, userHome }: HomeSurroundings = {
    platform: process.platform,
    env: process.env,
    userHome: homedir(),
  },
): string {
  if (env.SKERRY_HOME) return resolve(env.SKERRY_HOME);
  if (platform === 'darwin') return join(userHome, 'Library', 'Application Support', 'Skerry');
  if (platform === 'win32') {
    return join(env.APPDATA || join(userHome, 'AppData', 'Roaming'), 'Skerry');
  }
  // The specification has relative values ignored.
  const data = env.XDG_DATA_HOME;
  return join(data && isAbsolute(data) ? data : join(userHome, '.local', 'share'), 'skerry');
}
