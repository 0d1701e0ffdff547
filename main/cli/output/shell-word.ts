/** A word as it can be pasted into a POSIX shell, for commands in hints. */
export function shellWord(text: string): string {
  return /^[\w./@%+=:,~-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
