/** How a difference between two transcripts is shown to people. */

const LINE_CHARS = 10_000;

/** The steps in which the two differ, the reference's lines marked -, the subject's +. */
export function differenceOf(reference: string, subject: string): string {
  const [a, b] = [reference.split(/\n(?=# )/), subject.split(/\n(?=# )/)];
  const out: string[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] === b[i]) continue;
    const [label = '', ...left] = (a[i] ?? '').split('\n');
    const right = (b[i] ?? '').split('\n').slice(1);
    const cut = (line: string): string =>
      line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)}…` : line;
    out.push(label);
    const gone = left.filter((line) => !right.includes(line));
    const come = right.filter((line) => !left.includes(line));
    // The same lines in another order or number: all of them.
    const all = gone.length + come.length === 0;
    out.push(...(all ? left : gone).map((line) => `  - ${cut(line)}`));
    out.push(...(all ? right : come).map((line) => `  + ${cut(line)}`));
  }
  return out.join('\n');
}
