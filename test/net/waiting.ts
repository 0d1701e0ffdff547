const POLL_MS = 50;

/** Asks until something comes, at most so long. @throws Error with `what`, or with what `look` threw */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  what: string,
  seconds: number,
): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; ;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(POLL_MS);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
