import type { Command } from 'commander';
import type { Diagnosis } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { findContact } from '../resolve.ts';

type Finding = Diagnosis['self'][number];

const MARKS = {
  ok: ['ok', 'green'],
  note: ['--', 'yellow'],
  wrong: ['!!', 'red'],
} as const;

function findingLines(terminal: Terminal, { subject, state, says, advice }: Finding): string[] {
  const [mark, colour] = MARKS[state];
  const first = `${terminal.paint(colour, mark)} ${printable(subject)}: ${printable(says)}`;
  return advice === null ? [first] : [first, `   ${terminal.paint('dim', printable(advice))}`];
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .argument('[peer]', 'a contact that cannot be reached: name, key or its start')
    .description('look for what keeps this peer, or a contact, from being reached')
    .addHelpText('after', examples('skerry doctor', 'skerry doctor ada'))
    .action(
      action(async ({ home, terminal }, peer: string | undefined) => {
        const diagnosis = await withPeer(home, async (api) => {
          const key = peer === undefined ? undefined : (await findContact(api, peer)).key;
          return api.call('links.diagnose', key === undefined ? {} : { key });
        });
        terminal.result(diagnosis, () =>
          [...diagnosis.self, ...diagnosis.contact].flatMap((one) => findingLines(terminal, one)),
        );
      }),
    );
}
