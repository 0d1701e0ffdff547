/** Runs the generator of a scenario in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GeneratorInput, GeneratorResult } from './generator.ts';
import type { InProcess } from './scenarios.ts';

const generator = fileURLToPath(new URL('generator.ts', import.meta.url));
const inProcessChild = fileURLToPath(new URL('in-process-child.ts', import.meta.url));

export function generate(input: GeneratorInput): Promise<GeneratorResult> {
  return runChild(generator, input);
}

export function runInProcess(scenario: InProcess): Promise<GeneratorResult> {
  return runChild(inProcessChild, scenario);
}

async function runChild(
  program: string,
  input: GeneratorInput | InProcess,
): Promise<GeneratorResult> {
  const child = fork(program);
  const exited = once(child, 'exit');
  child.send(input);
  const [result] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => {
      throw new Error('the generator ended without a result');
    }),
  ])) as [GeneratorResult];
  await exited;
  return result;
}
