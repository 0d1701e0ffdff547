/** Runs `up` around a peer whose stop takes forever (`hang`), or that ends by itself (`end`); a process of its own. */
import { runPeer } from '../../../main/cli/commands/up.ts';
import { Terminal } from '../../../main/cli/output/terminal.ts';
import { sampleStatus } from './samples.ts';

const [mode] = process.argv.slice(2);
const stopped: PromiseWithResolvers<void> = Promise.withResolvers();
const alive = setInterval(() => undefined, 1_000);

await runPeer(
  { home: '/nowhere', terminal: new Terminal(mode === 'end', process) },
  { udp: true, ui: true },
  async (options) => {
    process.stderr.write(`${JSON.stringify(options)}\n`);
    if (mode === 'end') setTimeout(stopped.resolve, 50);
    return {
      status: async () => sampleStatus,
      uiUrl: 'http://127.0.0.1:4180/#token=abc',
      stopped: stopped.promise,
      stop: async () => {
        process.stderr.write('stop was called\n');
        if (mode === 'hang') await new Promise(() => undefined);
        clearInterval(alive);
      },
    };
  },
);
process.stderr.write('returned\n');
