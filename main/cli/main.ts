import { codeOf } from '../base/errors.ts';
import { exitCodes, exitCodeOfSignal } from './exit-codes.ts';

/** How long an ended program may take to let go of its handles before it is ended. */
const LINGER_MS = 1_000;

for (const stream of [process.stdout, process.stderr]) {
  // The reader has gone (`skerry ls … | head`): end as the signal would, without a word.
  stream.on('error', (error) => {
    process.exit(codeOf(error) === 'EPIPE' ? exitCodeOfSignal('SIGPIPE') : exitCodes.failure);
  });
}

const words = process.argv.slice(2);
if (words[0] === 'router') {
  // Without the rest of the command line: test suites start a server hundreds of times.
  const { runRouter } = import.meta.url.endsWith('.js')
    ? (await import('./built-router.ts')).loadBuiltRouter()
    : await import('../router/operate/run.ts');
  process.exitCode = await runRouter(words.slice(1), process);
} else {
  const { run } = await import('./run.ts');
  process.exitCode = await run(words, process);
}
setTimeout(() => process.exit(), LINGER_MS).unref();
