import { useUrlState } from '../../parts/url-state.ts';
import type { Variable } from '../../api/settings.ts';
import { chosen, valueText } from './value-text.ts';

/** The variables of this process, found by words of their names. */
export function Variables({ variables }: { readonly variables: readonly Variable[] }) {
  const [values, change] = useUrlState();
  const typed = values.get('find') ?? '';
  const isSet = values.get('set') === 'yes';
  const shown = chosen(variables, typed, isSet);
  return (
    <section className="section" aria-labelledby="variables">
      <h2 id="variables">Variables</h2>
      <form className="filters" role="search" aria-label="Variables" onSubmit={(event) => event.preventDefault()}>
        <label>
          Name
          <input
            type="search"
            value={typed}
            placeholder="part of a name"
            onInput={(event) => change({ find: event.currentTarget.value }, { replace: true })}
          />
        </label>
        <label className="check">
          <input type="checkbox" checked={isSet} onChange={() => change({ set: isSet ? undefined : 'yes' })} />
          only what was set
        </label>
      </form>
      {shown.length === 0 ? (
        <p className="quiet">No variable fits.</p>
      ) : (
        <div className="scroller" tabIndex={0} role="region" aria-labelledby="variables">
          <table>
            <thead>
              <tr>
                <th>Name</th>
                <th>Value</th>
                <th className="minor">From</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((variable) => (
                <VariableRow key={variable.name} variable={variable} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const VariableRow = ({ variable: { name, value, masked, isDefault } }: { readonly variable: Variable }) => (
  <tr>
    <td className="mono">{name}</td>
    <td className="wrap mono">{masked === true ? <span className="quiet">•••••• (a secret)</span> : valueText(value)}</td>
    <td className="minor">{isDefault ? <span className="quiet">{value === undefined ? 'not set' : 'default'}</span> : 'set'}</td>
  </tr>
);
