import { useLive } from './use-live';

export type Route = { at: 'home' } | { at: 'room'; id: string } | { at: 'person'; id: string };

const form = /^#\/(rooms|people)\/([0-9a-f-]{36})$/;

/** What the address names, behind its #. */
export function routeOf(hash: string): Route {
  const [, kind, id] = form.exec(hash) ?? [];
  if (id === undefined) return { at: 'home' };
  return { at: kind === 'rooms' ? 'room' : 'person', id };
}

export function hrefOf(route: Route): string {
  if (route.at === 'home') return '#/';
  return `#/${route.at === 'room' ? 'rooms' : 'people'}/${route.id}`;
}

/** `replace`: the page before is not come back to. */
export function go(route: Route, { replace = false } = {}): void {
  if (replace) location.replace(hrefOf(route));
  else location.hash = hrefOf(route);
}

export function useRoute(): Route {
  return useLive(
    (changed) => {
      window.addEventListener('hashchange', changed);
      return () => window.removeEventListener('hashchange', changed);
    },
    () => routeOf(location.hash),
    [],
  );
}
