import { writeFileSync } from 'node:fs';
import { RouterError } from '../errors.ts';
import { messageOf } from '../../base/errors.ts';

/** The bare number, as nats-server writes it. It stays when the server ends. @throws RouterError 'router-config' */
export function writePidFile(path: string, pid: number): void {
  try {
    writeFileSync(path, String(pid), { mode: 0o640 });
  } catch (error) {
    throw new RouterError('router-config', `Could not write pidfile: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
