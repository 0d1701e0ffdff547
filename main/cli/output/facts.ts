import type { Terminal } from './terminal.ts';

/** A label and its lines of printable text. */
export type Fact = readonly [label: string, values: readonly string[]];

/** Labels in a column of their own, values beside them, one a line. Values are never cut: they get copied. */
export function factLines(terminal: Terminal, facts: readonly Fact[]): string[] {
  const width = Math.max(...facts.map(([label]) => label.length));
  return facts.flatMap(([label, values]) =>
    values.map((value, index) => {
      const head = (index === 0 ? label : '').padEnd(width);
      return `${terminal.paint('dim', head)}  ${value}`;
    }),
  );
}
