/**
 * Where the reference (nats-server 2.9) and what the router follows (2.10) are meant to differ, each with its
 * reason. Nothing else may differ.
 */

/** JSON fields (INFO, monitoring, events) that one of the two versions does not have. */
export const onlyIn210: ReadonlySet<string> = new Set([]);

/** Lines that 2.10 words otherwise: both are shown as one. */
const wordings: readonly { readonly in29: string; readonly in210: string; readonly why: string }[] =
  [];

export function unlike(line: string): string {
  return wordings.find((each) => each.in29 === line)?.in210 ?? line;
}
