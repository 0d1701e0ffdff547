import type * as childProcess from 'node:child_process';
import type * as http from 'node:http';
import type * as https from 'node:https';
import type * as tls from 'node:tls';
import type * as workerThreads from 'node:worker_threads';
import type * as zlib from 'node:zlib';

/**
 * Modules of Node that cost much to load: they are loaded when they are first needed, and not by an `import` of
 * names, which reads each getter of a module. (`node:http` loads the whole of `fetch` behind one: 55 ms on a desktop;
 * `node:tls` the list of root certificates: 25 ms; the others 2 to 6 ms.) A router starts within less than that.
 */
interface Builtins {
  'node:child_process': typeof childProcess;
  'node:http': typeof http;
  'node:https': typeof https;
  'node:tls': typeof tls;
  'node:worker_threads': typeof workerThreads;
  'node:zlib': typeof zlib;
}

/** The module itself; at its first use it takes the time to load. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return process.getBuiltinModule(name) as Builtins[Name];
}
