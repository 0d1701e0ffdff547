import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../main/router/config/load.ts';
import { RouterError } from '../../../main/router/errors.ts';
import { natsServerBinary } from '../../support/nats-server.ts';
import { configCases, type ConfigCase } from './cases.ts';
import { layCase, writeCertificate } from './support.ts';

interface Verdict {
  readonly isValid: boolean;
  /** `file:line:column "field"`, sorted. */
  readonly unknown: string[];
}

/** Where nats-server names unknown fields, in whatever words: always at the field. */
function unknownIn(text: string): string[] {
  return [...text.matchAll(/([\w.-]+:\d+:\d+):[^\n]*? ?unknown field (?:name )?\[?"([^"]*)"/gi)]
    .map(([, place, field]) => `${place} "${field}"`)
    .sort();
}

function theirs(path: string, env: NodeJS.ProcessEnv): Promise<Verdict & { output: string }> {
  return new Promise((resolve) => {
    execFile(natsServerBinary(), ['-t', '-c', path], { env }, (error, _, output) => {
      resolve({ isValid: error === null, unknown: unknownIn(output), output });
    });
  });
}

/**
 * nats-server goes through the fields of a map in random order, and so takes some wrong configurations (a stream with a
 * threshold, an import with prefix and new subject) one time in ten: whatever it refuses once is wrong for it.
 */
const MOST_ASKED = 30;

async function theirsWhenAskedAgain(
  path: string,
  env: NodeJS.ProcessEnv,
): Promise<Verdict & { output: string }> {
  let verdict = await theirs(path, env);
  for (let asked = 1; verdict.isValid && asked < MOST_ASKED; asked++) {
    verdict = await theirs(path, env);
  }
  return verdict;
}

/** As `skerry router -t` judges: warnings fail the check too. */
function ours(path: string, env: NodeJS.ProcessEnv): Verdict & { output: string } {
  try {
    const { warnings } = loadConfig(path, env);
    return { isValid: warnings.length === 0, unknown: [], output: warnings.join('\n') };
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return { isValid: false, unknown: unknownIn(error.message), output: error.message };
  }
}

describe('configuration, judged by this router and by nats-server', () => {
  let folder: string;
  const verdicts = new Map<string, Promise<Verdict & { output: string }>>();
  const paths = new Map<string, string>();
  const envOf = ({ env }: ConfigCase): NodeJS.ProcessEnv => ({ ...process.env, ...env });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-config-'));
    await writeCertificate(folder);
    const queue = [...configCases.entries()];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, one] = next;
        const own = join(folder, String(index));
        await mkdir(own);
        const path = await layCase(one, own, folder);
        paths.set(one.name, path);
        const verdict = theirs(path, envOf(one));
        verdicts.set(one.name, verdict);
        await verdict;
      }
    };
    await Promise.all([work(), work(), work()]);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(configCases)('$name', async (one) => {
    const path = paths.get(one.name) ?? '';
    const verdict = ours(path, envOf(one));
    let reference = await verdicts.get(one.name);
    if (reference?.isValid === true && !verdict.isValid) {
      reference = await theirsWhenAskedAgain(path, envOf(one));
    }
    const why = `nats-server: ${reference?.output ?? ''}\nrouter: ${verdict.output}`;
    expect(verdict.isValid, why).toBe(reference?.isValid);
    expect(verdict.unknown, why).toEqual(reference?.unknown);
  });
});
