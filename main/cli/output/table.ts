import { displayWidth, fit, pad } from './width.ts';

export interface Column<Row> {
  readonly title: string;
  /** The cell's text, already printable. */
  readonly cell: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** The column gives way down to this width when the table is wider than the terminal. */
  readonly shrinkTo?: number;
  /** Colours the padded cell; must not change what is seen otherwise. */
  readonly paint?: (cell: string, row: Row) => string;
}

const GAP = '  ';

/**
 * Lines of an aligned table, headings first.
 *
 * @param width columns of the terminal; Infinity where nothing has to be cut (pipes, files)
 * @param heading colours the line of headings
 */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  heading: (line: string) => string,
): string[] {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map((row) => displayWidth(row[index] ?? ''))),
  );
  shrink(columns, widths, width);
  const line = (texts: readonly string[], row?: Row): string =>
    texts
      .map((text, index) => {
        const column = columns[index];
        const last = index === columns.length - 1;
        const cut = fit(text, widths[index] ?? 0);
        const cell =
          last && column?.align !== 'right'
            ? cut
            : pad(cut, widths[index] ?? 0, column?.align ?? 'left');
        return row !== undefined && column?.paint !== undefined ? column.paint(cell, row) : cell;
      })
      .join(GAP);
  return [
    heading(line(columns.map((column) => column.title))),
    ...rows.map((row, index) => line(cells[index] ?? [], row)),
  ];
}

/** Takes what is too much from the columns that may shrink, always from the widest of them. */
function shrink(columns: readonly Column<never>[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1) - width;
  while (excess > 0) {
    const [widest] = columns
      .map(({ shrinkTo }, index) => ({
        index,
        spare: (widths[index] ?? 0) - (shrinkTo ?? Infinity),
      }))
      .filter(({ spare }) => spare > 0)
      .sort((a, b) => (widths[b.index] ?? 0) - (widths[a.index] ?? 0));
    if (widest === undefined) return;
    widths[widest.index] = (widths[widest.index] ?? 0) - 1;
    excess -= 1;
  }
}
