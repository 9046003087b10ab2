import type { ComponentProps } from 'react';

type RateFieldProps = Pick<ComponentProps<'input'>, 'name' | 'required' | 'value' | 'onInput'>;

/** Asks how many deliveries a job may plan in a second; 200 where nothing is said. */
export function RateField(props: RateFieldProps) {
  return (
    <label>
      At most so many a second
      <input type="number" min="0.1" max="10000" step="any" placeholder="200" {...props} />
    </label>
  );
}
