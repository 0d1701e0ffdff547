/**
 * The real programs the tests run against: nats-server and Chromium. On Debian as root a missing one is installed
 * with apt; elsewhere the run stops and says how to get it, unless SKERRY_TEST_WITHOUT leaves it out, loudly.
 * What the link cases make their networks with (docs/link-cases.md) is installed in the same way, and missed by
 * nobody: elsewhere those suites say themselves why they are left out.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Partner = 'nats' | 'chromium';

const partners: Record<Partner, { commands: string[]; debianPackage: string; elsewhere: string }> =
  {
    nats: {
      commands: ['nats-server'],
      debianPackage: 'nats-server',
      elsewhere: 'macOS: brew install nats-server; Windows: winget install NATSAuthors.NATSServer',
    },
    chromium: {
      commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
      debianPackage: 'chromium',
      elsewhere: 'install Chromium or Google Chrome, or set SKERRY_CHROMIUM to its executable',
    },
  };

/** Commands of Linux for networks, a router that maps ports, and their Debian packages. */
const networkTools = {
  ip: 'iproute2',
  tc: 'iproute2',
  nft: 'nftables',
  setpriv: 'util-linux',
  miniupnpd: 'miniupnpd-nftables',
};

function onPath(command: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return folders.some((folder) => folder !== '' && existsSync(join(folder, command + suffix)));
}

function isThere(partner: Partner): boolean {
  if (partner === 'chromium' && existsSync(process.env.SKERRY_CHROMIUM ?? '')) return true;
  return partners[partner].commands.some(onPath);
}

/** What SKERRY_TEST_WITHOUT leaves out. Throws on a word that names no partner. */
export function leftOut(): Partner[] {
  const words = (process.env.SKERRY_TEST_WITHOUT ?? '').split(',').filter((word) => word !== '');
  for (const word of words) {
    if (!(word in partners)) {
      throw new Error(`SKERRY_TEST_WITHOUT knows nats and chromium, not "${word}".`);
    }
  }
  return words as Partner[];
}

function install(debianPackages: readonly string[]): void {
  if (debianPackages.length === 0) return;
  console.log(`installing test partners: ${debianPackages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
  execFileSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...debianPackages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
}

/** Makes sure that every partner that is not left out is there. Throws with what to do. */
export function ensurePartners(without: readonly Partner[]): void {
  const missing = (Object.keys(partners) as Partner[]).filter(
    (partner) => !without.includes(partner) && !isThere(partner),
  );
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    install(missing.map((partner) => partners[partner].debianPackage));
    const tools = Object.entries(networkTools).filter(([command]) => !onPath(command));
    try {
      install([...new Set(tools.map(([, debianPackage]) => debianPackage))]);
    } catch (error) {
      console.warn(`The link cases will be left out: ${String(error)}`);
    }
  }
  if (missing.length === 0) return;
  const stillMissing = missing.filter((partner) => !isThere(partner));
  if (stillMissing.length === 0) return;
  const how = stillMissing.map(
    (partner) =>
      `  ${partner}: Debian as root: apt-get install ${partners[partner].debianPackage}; ${partners[partner].elsewhere}`,
  );
  throw new Error(
    `The tests need real partners that are missing here:\n${how.join('\n')}\n` +
      `To leave their suites out on purpose: SKERRY_TEST_WITHOUT=${stillMissing.join(',')} npm test`,
  );
}
