import { codeOf } from '../base/errors.ts';
import { exitCodes, exitCodeOfSignal } from './exit-codes.ts';
import { run } from './run.ts';

/** How long an ended program may take to let go of its handles before it is ended. */
const LINGER_MS = 1_000;

for (const stream of [process.stdout, process.stderr]) {
  // The reader has gone (`skerry ls … | head`): end as the signal would, without a word.
  stream.on('error', (error) => {
    process.exit(codeOf(error) === 'EPIPE' ? exitCodeOfSignal('SIGPIPE') : exitCodes.failure);
  });
}

process.exitCode = await run(process.argv.slice(2), process);
setTimeout(() => process.exit(), LINGER_MS).unref();
