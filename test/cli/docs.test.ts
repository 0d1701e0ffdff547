import { readFileSync } from 'node:fs';
import type { Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  BrowsePage,
  ContactInfo,
  EntryInfo,
  ForwardInfo,
  InviteInfo,
  LinkInfo,
  NearbyInfo,
  NearbySettings,
  PathInfo,
  Diagnosis,
  OfferInfo,
  RemoteServiceInfo,
  ServiceInfo,
  Settings,
  ShareInfo,
  Status,
  TransferInfo,
} from '../../main/api/contract.ts';
import { exitCodes } from '../../main/cli/exit-codes.ts';
import { createProgram } from '../../main/cli/program.ts';

const text = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

/** Text below each heading of a level, up to the next heading of that level or a higher one. */
function sections(level: number): Map<string, string> {
  const mark = '#'.repeat(level);
  const parts = text.split(new RegExp(`^(?=#{1,${level}} )`, 'm'));
  return new Map(
    parts
      .filter((part) => part.startsWith(`${mark} `))
      .map((part) => {
        const end = part.indexOf('\n');
        return [part.slice(level + 1, end).trim(), part.slice(end)];
      }),
  );
}

/** What stands in backquotes in the first column of a section's tables. */
function firstCells(section: string): string[] {
  return [...section.matchAll(/^\| *(`[^|]+?) *\|/gm)].map(([, cell]) => cell ?? '');
}

/** Every command with its words, `peers accept`. */
function commandsOf(command: Command, before = ''): [string, Command][] {
  return command.commands
    .filter((one) => one.name() !== 'help')
    .flatMap((one): [string, Command][] => {
      const words = `${before}${one.name()}`;
      return [[words, one], ...commandsOf(one, `${words} `)];
    });
}

function flagsOf(options: readonly Option[]): string[] {
  return options.map(({ flags }) => flags).sort();
}

/** `` `-o`, `--output <dir>` `` as commander writes it: `-o, --output <dir>`. */
function documentedFlags(section: string): string[] {
  return firstCells(section)
    .map((cell) => cell.replaceAll('`', ''))
    .filter((cell) => cell.startsWith('-'))
    .sort();
}

const program = createProgram(process);
const commands = new Map(commandsOf(program));
const documented = new Map(
  [...sections(3)].map(([heading, body]) => [
    heading.replace(/^`skerry ([a-z ]*[a-z]).*`$/, '$1').trim(),
    body,
  ]),
);

describe('docs/cli.md', () => {
  test('describes every command, and none that is not there', () => {
    expect([...documented.keys()].sort()).toEqual([...commands.keys()].sort());
  });

  test.each([...commands])('lists the options of %s', (words, command) => {
    expect(documentedFlags(documented.get(words) ?? '')).toEqual(flagsOf(command.options));
    expect(documented.get(words)).toMatch(/JSON|--json/);
  });

  test('lists the options of every command', () => {
    const section = sections(2).get('For every command') ?? '';
    expect(documentedFlags(section)).toEqual([...flagsOf(program.options), '-h, --help'].sort());
  });

  const Ready = z.object({ ready: z.literal(true), status: Status, url: z.string().nullable() });
  const shapes = {
    Ready,
    Status,
    Settings,
    InviteInfo,
    ContactInfo,
    LinkInfo,
    NearbyInfo,
    NearbySettings,
    PathInfo,
    Diagnosis,
    ShareInfo,
    OfferInfo,
    BrowsePage,
    EntryInfo,
    ServiceInfo,
    RemoteServiceInfo,
    ForwardInfo,
    TransferInfo,
  };

  test.each(Object.entries(shapes))('lists the fields of %s', (name, schema) => {
    const fields = firstCells(sections(4).get(name) ?? '').map((cell) => cell.replaceAll('`', ''));
    expect(fields).toEqual(Object.keys(schema.shape));
  });

  test('has a section for every shape it speaks of', () => {
    const anchors = [...text.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor]) => anchor);
    const known = [...sections(4).keys()].map((heading) => heading.toLowerCase());
    expect([...new Set(anchors)].filter((anchor) => !known.includes(anchor ?? ''))).toEqual([
      'json-shapes',
    ]);
    expect([...sections(4).keys()].sort()).toEqual(Object.keys(shapes).sort());
  });

  test('lists the exit codes', () => {
    const section = sections(2).get('Exit codes') ?? '';
    const listed = [...section.matchAll(/^\| (\d+) /gm)].map(([, code]) => Number(code));
    expect(listed).toEqual([...Object.values(exitCodes), 130, 143, 141]);
  });
});

test('every command has an example in its help', () => {
  for (const [words, command] of commands) {
    let help = '';
    command.configureOutput({ writeOut: (part) => (help += part) });
    command.outputHelp();
    expect(help).toMatch(new RegExp(`Examples?:\\n  \\$ skerry ${words}`));
    expect(help).toContain('--home <dir>');
  }
});
