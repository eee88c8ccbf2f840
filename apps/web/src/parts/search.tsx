import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from './field';
import { useFound } from './use-found';

interface Props<T> {
  label: string;
  none: string;
  find: (query: string) => Promise<readonly T[]>;
  /** One row of the list, with a key. */
  row: (item: T) => ComponentChildren;
}

/** A field, and below it the list of what it finds. */
export function Search<T>({ label, none, find, row }: Props<T>) {
  const [query, setQuery] = useState('');
  const { items, wrong } = useFound(query, find);
  return (
    <div class="search">
      <Field
        label={label}
        type="search"
        autoFocus
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      {wrong !== undefined && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <ul class="found">{items?.map(row)}</ul>
      {/* Said to those who do not see the list. */}
      <p class={items?.length === 0 ? 'quiet' : 'hidden-text'} role="status">
        {items !== undefined && wrong === undefined && (items.length === 0 ? none : `${items.length} found`)}
      </p>
    </div>
  );
}
