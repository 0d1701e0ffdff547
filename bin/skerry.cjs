#!/usr/bin/env node
// The package's `bin` entry, which npx and npm start with whatever Node they run on (18 or newer).
// Node 22 and newer run the program right here; an older one starts the Node installed with the package.
'use strict';

const { existsSync } = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const OLDEST = 22;
const root = path.resolve(__dirname, '..');
const program = path.join(root, 'dist', 'main', 'cli', 'main.js');

function fail(line) {
  process.stderr.write(`skerry: ${line}\n`);
  process.exitCode = 1;
}

/** The Node of this package, or the one hoisted beside it; undefined when there is none. */
function bundledNode() {
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  return [path.join(root, 'node_modules'), path.dirname(root)]
    .map((modules) => path.join(modules, 'node', 'bin', file))
    .find((candidate) => existsSync(candidate));
}

/** Runs the program under another Node; what happens to this process happens to that one. */
function runWith(node) {
  const { spawn } = require('node:child_process');
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // In a terminal Ctrl-C reaches both processes; the program takes the same signal twice within a moment as one.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => fail(`${node} does not start: ${error.message}.`));
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward);
    if (signal === null) process.exitCode = code === null ? 1 : code;
    else process.kill(process.pid, signal);
  });
}

if (!existsSync(program)) {
  fail(`not built yet. Run npm ci (or npm run build) in ${root}.`);
} else if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
  import(pathToFileURL(program).href).catch((error) => fail(`does not start: ${error.message}`));
} else {
  const node = bundledNode();
  if (node === undefined) {
    fail(
      `Node.js ${OLDEST} or newer is needed, this is ${process.versions.node}. Install it from https://nodejs.org.`,
    );
  } else {
    runWith(node);
  }
}
