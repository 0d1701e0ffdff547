import { statSync } from 'node:fs';
import type { ResolverOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import {
  problem,
  readBoolean,
  readDuration,
  readInteger,
  readString,
  readFields,
} from '../read.ts';
import { kindOf, type ConfigNode } from '../tree.ts';

const URL_FORM = /^url\s*\(\s*"?([^\s")]*)"?\s*\)\s*$/i;
const MEMORY = /^mem(ory)?\s*$/i;

/** `MEMORY`, `URL(http://…)`, or `{ type: full | cache | mem, dir, … }`. */
export function readResolver(node: ConfigNode, report: Report): ResolverOptions {
  const { value } = node;
  if (value.kind === 'map') return readDirectory(node, report);
  if (value.kind !== 'string') {
    throw problem(node.at, `expected MEMORY, URL(…) or a map, got ${kindOf(value)}`);
  }
  const text = value.value.trim();
  if (MEMORY.test(text)) return { kind: 'memory' };
  const url = URL_FORM.exec(text)?.[1];
  if (url === undefined) {
    throw problem(
      node.at,
      'error parsing account resolver, should be MEM, URL("url") or a map with dir and type',
    );
  }
  if (!/^https?:/i.test(url) || !URL.canParse(url)) {
    // Not quoted: a URL may hold a password.
    throw problem(node.at, 'error parsing account resolver url: it is no http or https URL');
  }
  return { kind: 'url', url };
}

interface DirectorySettings {
  type?: string;
  dir?: string;
  allowDelete?: boolean;
  hardDelete?: boolean;
  limit?: number;
  ttl?: number;
  interval?: number;
  timeout?: number;
}

function readDirectory(node: ConfigNode, report: Report): ResolverOptions {
  const said: DirectorySettings = {};
  if (node.value.kind !== 'map') throw problem(node.at, 'expected a map');
  readFields(
    node.value.entries,
    {
      type: (field) => (said.type = readString(field)),
      dir: (field) => (said.dir = readString(field)),
      allow_delete: (field) => (said.allowDelete = readBoolean(field)),
      hard_delete: (field) => (said.hardDelete = readBoolean(field)),
      limit: (field) => (said.limit = readInteger(field)),
      ttl: (field) => (said.ttl = readDuration(field)),
      interval: (field) => (said.interval = readDuration(field)),
      timeout: (field) => (said.timeout = readDuration(field)),
    },
    report,
  );
  const { type = '', dir = '', hardDelete, ...shared } = said;
  switch (type.toLowerCase()) {
    case 'mem':
    case 'memory':
      return { kind: 'memory' };
    case 'full':
      checkDirectory(node, dir);
      if ((said.ttl ?? 0) !== 0) throw problem(node.at, 'FULL does not accept ttl');
      if (hardDelete !== undefined && said.allowDelete !== true) {
        throw problem(node.at, 'hard_delete has no effect without delete');
      }
      return {
        kind: 'full',
        dir,
        ...shared,
        ...(hardDelete === undefined ? {} : { hardDelete }),
      };
    case 'cache':
      checkDirectory(node, dir);
      if ((said.interval ?? 0) !== 0) throw problem(node.at, 'CACHE does not accept interval');
      if (said.allowDelete === true) throw problem(node.at, 'CACHE does not accept allow_delete');
      if (hardDelete !== undefined) throw problem(node.at, 'CACHE does not accept hard_delete');
      return { kind: 'cache', dir, ...shared };
    default:
      throw problem(node.at, `"${type}" is no type of resolver: there are full, cache and mem`);
  }
}

function checkDirectory(node: ConfigNode, dir: string): void {
  if (dir === '') {
    throw problem(node.at, 'dir has no value and needs to point to a directory');
  }
  // One that does not exist yet is made at the start.
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw problem(node.at, 'dir needs to point to an accessible directory');
  }
}
