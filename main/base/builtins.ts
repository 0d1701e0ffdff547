/**
 * Modules of Node that cost much to load: they are loaded when they are first needed, and not by an `import` of
 * names, which reads each getter of a module. (`node:http` loads the whole of `fetch` behind one: 55 ms on a desktop;
 * `node:tls` the list of root certificates: 25 ms.) A router starts within less than that.
 */
type Builtin = 'node:http' | 'node:https' | 'node:tls';

interface Builtins {
  'node:http': typeof import('node:http');
  'node:https': typeof import('node:https');
  'node:tls': typeof import('node:tls');
}

/** The module itself; at its first use it takes the time to load. */
export function builtin<Name extends Builtin>(name: Name): Builtins[Name] {
  return process.getBuiltinModule(name) as Builtins[Name];
}
