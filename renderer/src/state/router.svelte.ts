import { formatRoute, parseRoute, type Route } from './route.ts';

/** The place that is shown; the address bar leads, so that back and forward work. */
export class Router {
  route = $state.raw<Route>({ page: 'peers' });

  /** Follows the address until the returned function is called. */
  start(): () => void {
    const follow = () => {
      this.route = parseRoute(window.location.hash);
    };
    follow();
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }

  go(route: Route): void {
    window.location.hash = formatRoute(route);
  }

  /** Changes the address without a step in the history, e.g. to forget an invite's secret. */
  replace(route: Route): void {
    window.history.replaceState(null, '', formatRoute(route));
    this.route = route;
  }
}
