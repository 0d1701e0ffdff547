/** Medians and a plain table. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Prints rows under headings, columns as wide as they need. */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  console.log(line(headings));
  for (const row of rows) console.log(line(row));
}

export interface Floor {
  readonly what: string;
  readonly measured: number;
  readonly floor: number;
  readonly kind: 'at least' | 'at most';
  readonly unit: string;
}

/** Prints whether each floor is kept; returns whether all are. */
export function printFloors(floors: readonly Floor[]): boolean {
  let all = true;
  for (const { what, measured, floor, kind, unit } of floors) {
    const kept = kind === 'at least' ? measured >= floor : measured <= floor;
    all &&= kept;
    console.log(
      `${kept ? 'kept  ' : 'MISSED'} ${what}: ${measured.toFixed(2)} ${unit}, ${kind} ${floor}`,
    );
  }
  return all;
}
