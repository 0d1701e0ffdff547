/** Paths: `/`-separated inside a share, the system's own on this machine. */

/** The last part of a path on this machine, POSIX or Windows; the path itself for a root. */
export function baseName(path: string): string {
  const trimmed = path.replace(/[/\\]+$/, '');
  const at = Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\'));
  const last = trimmed.slice(at + 1);
  return last === '' ? path : last;
}

export interface Crumb {
  readonly name: string;
  readonly path: string;
}

/** Every folder from below a share's root down to `path`; none for the root itself. */
export function crumbs(path: string): Crumb[] {
  if (path === '') return [];
  const parts = path.split('/');
  return parts.map((name, index) => ({ name, path: parts.slice(0, index + 1).join('/') }));
}
