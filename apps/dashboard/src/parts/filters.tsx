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
  const at = new Date(iso ?? '');
  // Somebody may have written the URL; the API says what is wrong with it.
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const toIso = (local: string): string | undefined => (local === '' ? undefined : new Date(local).toISOString());

/** Chooses what a list shows; all of it is in the URL. Only what an index serves is offered. */
export function Filters({ by, hasTime = false }: FiltersProps) {
  const [values, change] = useUrlState();
  const active = by.find(({ name }) => values.has(name));
  const [chosen, setChosen] = useState('');
  const option = active ?? by.find(({ name }) => name === chosen);
  const none = Object.fromEntries(by.map(({ name }) => [name, undefined]));
  const set = (value: string): void => change({ ...none, ...(option === undefined ? {} : { [option.name]: value }) });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const value = new FormData(event.currentTarget).get('value');
    if (typeof value === 'string') set(value.trim());
  };
  const choose = (next: string): void => {
    setChosen(next);
    if (active !== undefined) change(none);
  };
  return (
    <form className="filters" role="search" aria-label="Filter" onSubmit={submit}>
      <label>
        Show
        <select value={option?.name ?? ''} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">everything</option>
          {by.map(({ name, label }) => (
            <option key={name} value={name}>
              by {label}
            </option>
          ))}
        </select>
      </label>
      {option === undefined ? null : <Value key={option.name} option={option} value={values.get(option.name) ?? ''} onSet={set} />}
      {hasTime ? <Times from={values.get('from')} to={values.get('to')} onChange={change} /> : null}
    </form>
  );
}

interface ValueProps {
  readonly option: FilterOption;
  readonly value: string;
  readonly onSet: (value: string) => void;
}

function Value({ option, value, onSet }: ValueProps) {
  if (option.options === undefined)
    return (
      <>
        <label>
          {option.label}
          <input key={value} name="value" defaultValue={value} placeholder="exactly" autoComplete="off" spellCheck={false} />
        </label>
        <button type="submit">Show</button>
      </>
    );
  return (
    <label>
      {option.label}
      <select value={value} onChange={(event) => onSet(event.currentTarget.value)}>
        <option value="">choose …</option>
        {option.options.map((one) => (
          <option key={one} value={one}>
            {one.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
    </label>
  );
}

interface TimesProps {
  readonly from: string | null;
  readonly to: string | null;
  readonly onChange: (changes: Readonly<Record<string, string | undefined>>) => void;
}

const Times = ({ from, to, onChange }: TimesProps) => (
  <>
    <label>
      From
      <input type="datetime-local" value={toLocal(from)} onChange={(event) => onChange({ from: toIso(event.currentTarget.value) })} />
    </label>
    <label>
      To
      <input type="datetime-local" value={toLocal(to)} onChange={(event) => onChange({ to: toIso(event.currentTarget.value) })} />
    </label>
  </>
);
