import { createInterface } from 'node:readline';
import { exitCodeOfSignal } from './exit-codes.ts';
import { Interrupted } from './failure.ts';

/** Whether there is a person to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks a question on stderr; only `y` or `yes` is a yes, an ended input is a no.
 *
 * @throws Interrupted on Ctrl-C
 */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      lines.on('SIGINT', () => {
        process.stderr.write('\n');
        reject(new Interrupted('Interrupted; nothing was changed.', exitCodeOfSignal('SIGINT')));
      });
      lines.on('close', () => resolve(false));
      lines.question(`${question} [y/N] `, (answer) => resolve(/^y(es)?$/i.test(answer.trim())));
    });
  } finally {
    lines.close();
  }
}
