import { type FormEvent, useState } from 'react';
import { useUrlState } from './url-state.ts';

/** One filter that an index serves. `options`: what may be chosen; absent: any text. */
export interface FilterOption {
  readonly name: string;
  readonly label: string;
  readonly options?: readonly string[];
}

export interface FiltersProps {
  /** One of these at a time: a list is read along one index. */
  readonly by: readonly FilterOption[];
  /** Whether the list can be bounded by time beside the filter. */
  readonly hasTime?: boolean;
}

/** The values of the filters in the URL, as query parameters of the API. */
export function useFilters(by: readonly FilterOption[]): Readonly<Record<string, string | undefined>> {
  const [values] = useUrlState();
  const chosen = by.find(({ name }) => values.has(name));
  const time = Object.fromEntries(['from', 'to'].map((name) => [name, values.get(name) ?? undefined]));
  return chosen === undefined ? time : { ...time, [chosen.name]: values.get(chosen.name) ?? undefined };
}

const toLocal = (iso: string | null): string => {
  if (iso === null) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const toIso = (local: string): string | undefined => (local === '' ? undefined : new Date(local).toISOString());

/** Chooses what a list shows; all of it is in the URL. Only what an index serves is offered. */
export function Filters({ by, hasTime = false }: FiltersProps) {
  const [values, change] = useUrlState();
  const active = by.find(({ name }) => values.has(name));
  const [name, setName] = useState(active?.name ?? '');
  const option = by.find((one) => one.name === name);
  const none = Object.fromEntries(by.map((one) => [one.name, undefined]));
  const set = (value: string): void => change({ ...none, [name]: value });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const value = new FormData(event.currentTarget).get('value');
    if (option !== undefined && typeof value === 'string') set(value.trim());
  };
  const choose = (next: string): void => {
    setName(next);
    if (next === '') change(none);
  };
  return (
    <form className="filters" role="search" aria-label="Filter" onSubmit={submit}>
      <label>
        Show
        <select value={name} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">everything</option>
          {by.map((one) => (
            <option key={one.name} value={one.name}>
              by {one.label}
            </option>
          ))}
        </select>
      </label>
      {option === undefined ? null : option.options === undefined ? (
        <label>
          {option.label}
          <input key={option.name} name="value" defaultValue={values.get(option.name) ?? ''} placeholder="exact" />
        </label>
      ) : (
        <label>
          {option.label}
          <select value={values.get(option.name) ?? ''} onChange={(event) => set(event.currentTarget.value)}>
            <option value="">choose …</option>
            {option.options.map((value) => (
              <option key={value} value={value}>
                {value.replaceAll('_', ' ')}
              </option>
            ))}
          </select>
        </label>
      )}
      {hasTime
        ? (['from', 'to'] as const).map((edge) => (
            <label key={edge}>
              {edge}
              <input
                type="datetime-local"
                value={toLocal(values.get(edge))}
                onChange={(event) => change({ [edge]: toIso(event.currentTarget.value) })}
              />
            </label>
          ))
        : null}
    </form>
  );
}
