/**
 * Where a worker thread's file is: the sources run as they are under Node's type stripping (tests), or
 * compiled (`dist/`), and a worker must be started from the same kind of file as its parent.
 *
 * @param from `import.meta.url` of the caller
 * @param name the worker's file beside the caller, without extension, e.g. `./hash-worker`
 */
export function workerEntry(from: string, name: string): URL {
  return new URL(`${name}${from.endsWith('.ts') ? '.ts' : '.js'}`, from);
}
