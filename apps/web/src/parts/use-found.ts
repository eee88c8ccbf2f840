import { useEffect, useState } from 'preact/hooks';
import { wordsOf } from '../words';

const pauseMs = 200;

export interface Found<T> {
  /** Undefined while nothing has come yet. */
  items: readonly T[] | undefined;
  wrong: string | undefined;
}

/** What a search gives, asked a moment after the last key. `find` must be the same function over drawings. */
export function useFound<T>(query: string, find: (query: string) => Promise<readonly T[]>): Found<T> {
  const [found, setFound] = useState<Found<T>>({ items: undefined, wrong: undefined });
  useEffect(() => {
    let wanted = true;
    const take = (now: Found<T>): void => void (wanted && setFound(now));
    const ask = (): void =>
      void find(query.trim()).then(
        (items) => take({ items, wrong: undefined }),
        (error: unknown) => take({ items: [], wrong: wordsOf(error) }),
      );
    const timer = setTimeout(ask, query === '' ? 0 : pauseMs);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [query, find]);
  return found;
}
