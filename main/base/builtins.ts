import type * as http from 'node:http';
import type * as https from 'node:https';
import type * as tls from 'node:tls';

/**
 * Modules of Node that cost much to load: they are loaded when they are first needed, and not by an `import` of
 * names, which reads each getter of a module. (`node:http` loads the whole of `fetch` behind one: 55 ms on a desktop;
 * `node:tls` the list of root certificates: 25 ms.) A router starts within less than that.
 */
interface Builtins {
  'node:http': typeof http;
  'node:https': typeof https;
  'node:tls': typeof tls;
}

/** The module itself; at its first use it takes the time to load. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return process.getBuiltinModule(name) as Builtins[Name];
}
