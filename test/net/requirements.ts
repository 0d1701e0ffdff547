import { execFileSync } from 'node:child_process';
import { ownPrefix } from './owner.ts';

/** Why this machine cannot run the link cases, as a sentence for people; undefined when it can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces are made by root, and this is not root';
  for (const [command, debianPackage] of [
    ['ip', 'iproute2'],
    ['tc', 'iproute2'],
    ['nft', 'nftables'],
    ['setpriv', 'util-linux'],
    ['nats-server', 'nats-server'],
    ['miniupnpd', 'miniupnpd-nftables'],
  ] as const) {
    try {
      execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    } catch {
      return `there is no \`${command}\` (Debian: apt-get install ${debianPackage})`;
    }
  }
  const name = `${ownPrefix()}try`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
    // A kernel without NAT says so here.
    const rules = 'add table ip t; add chain ip t c { type nat hook postrouting priority 100; }';
    execFileSync('ip', ['netns', 'exec', name, 'nft', rules], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `this machine refuses: ${error instanceof Error ? error.message.trim() : String(error)}`;
  } finally {
    try {
      execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
    } catch {
      // It was never made.
    }
  }
}
