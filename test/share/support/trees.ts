/** Trees of files, and what is in them. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

export async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Every file and folder below `root`: relative path → SHA-256, or `folder`. */
export async function digestTree(root: string): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(root, path);
    if (entry.isDirectory()) digests.set(name, 'folder');
    else
      digests.set(
        name,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      );
  }
  return new Map([...digests].sort(([x], [y]) => (x < y ? -1 : 1)));
}

/** About 300 files of many sizes, in folders, with empty ones and names of all kinds. */
export async function makeMixedTree(root: string): Promise<void> {
  const sizes = [0, 1, 100, 4_096, 65_537, 262_143, 262_144, 262_145, 600_000];
  for (let i = 0; i < 280; i += 1) {
    const size = i % 40 === 7 ? (sizes[(i / 40) | 0] ?? 0) : (sizes[i % 5] ?? 0);
    await put(join(root, `folder ${i % 12}`, `sub-${i % 5}`, `file ${i}.txt`), randomBytes(size));
  }
  for (const [i, size] of sizes.entries())
    await put(join(root, `size-${i}.bin`), randomBytes(size));
  await put(join(root, 'größe 漢字 🚀.md'), 'unicode');
  await put(join(root, 'ünï', 'ßtraße', 'e\u0301clair.txt'), 'not in form NFC');
  await put(join(root, '.hidden'), 'hidden');
  await put(join(root, 'a'), 'a file');
  await put(join(root, 'a!'), 'sorts between "a" and "a/"');
  await put(join(root, 'a.d', 'x'), 'x');
  await put(join(root, 'new\nline and \\ backslash'), 'odd');
  await mkdir(join(root, 'empty', 'deeper'), { recursive: true });
  await put(join(root, 'run.sh'), '#!/bin/sh\n');
  await (await import('node:fs/promises')).chmod(join(root, 'run.sh'), 0o755);
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
