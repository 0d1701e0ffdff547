import { makeHome } from './homes.ts';
import { Lab } from './lab.ts';
import { startNetPeer } from './net-peer.ts';

/**
 * A folder with compiled sources for the peers of all cases, which then start in half the time. Only a process that
 * ends in order writes what it has compiled: so one peer is started and stopped.
 *
 * @param folder empty
 */
export async function fillCompileCache(folder: string): Promise<void> {
  await using lab = new Lab();
  const peer = await startNetPeer(
    await lab.node('warm'),
    await makeHome(lab.folder, 'warm'),
    [],
    folder,
  );
  await peer.stop();
}
