import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** URLs by what listens there; the names are nats-server's. */
export interface Ports {
  readonly nats: readonly string[];
  readonly monitoring: readonly string[];
  readonly websocket: readonly string[];
  readonly leafnodes: readonly string[];
}

/** Client suites look for this very name. */
function portsFilePath(folder: string, pid: number): string {
  return join(folder, `nats-server_${pid}.ports`);
}

/** Written whole or not at all: suites read it as soon as it is there. Throws what the file system does. */
export function writePortsFile(folder: string, pid: number, ports: Ports): void {
  const open = Object.entries(ports).filter(([, urls]) => urls.length > 0);
  const path = portsFilePath(folder, pid);
  const unfinished = `${path}.tmp`;
  writeFileSync(unfinished, JSON.stringify(Object.fromEntries(open)));
  renameSync(unfinished, path);
}

export function removePortsFile(folder: string, pid: number): void {
  rmSync(portsFilePath(folder, pid), { force: true });
}
