import type { RouterView } from '../monitor/view.ts';
import type { RequestBody } from './request-body.ts';

/** Whether a request that every server gets is meant for this one. */
export function concerns(router: RouterView, body: RequestBody): boolean {
  const name = body.text('server_name');
  const host = body.text('host');
  const cluster = body.text('cluster');
  const domain = body.text('domain');
  const tags = body.texts('tags');
  const isExact = body.flag('exact_match');
  const fits = (own: string, wanted: string): boolean =>
    wanted === '' || (isExact ? own === wanted : own.includes(wanted));
  // Tags are kept in lower case and compared so (jwt.TagList).
  const own = new Set((router.options.serverTags ?? []).map((tag) => tag.toLowerCase()));
  return (
    fits(router.name, name) &&
    fits(router.serverInfo().host, host) &&
    cluster === '' &&
    domain === '' &&
    tags.every((tag) => own.has(tag.toLowerCase().trim()))
  );
}
