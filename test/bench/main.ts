/**
 * `npm run bench` measures what the documentation claims: all suites, or those named:
 * `npm run bench -- transfer idle flood`. Exits non-zero when a floor is missed.
 */
import { flood } from './flood.ts';
import { idle } from './idle.ts';
import { links } from './links/links.ts';
import { router } from './router/router.ts';
import { transfer } from './transfer.ts';

/** Each prints its table and says whether it kept its floors. */
const suites: Record<string, () => Promise<boolean>> = { transfer, idle, flood, router, links };

// Nothing is said to the network that this machine is in.
process.env.SKERRY_DISCOVERY = 'off';

// Network namespaces go at the exit.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in suites));
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}"; there are ${Object.keys(suites).join(', ')}.`);
  process.exitCode = 2;
} else {
  for (const [name, run] of Object.entries(suites)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n== ${name}`);
    if (!(await run())) process.exitCode = 1;
  }
}
