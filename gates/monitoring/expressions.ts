import { parser } from '@prometheus-io/lezer-promql';

/** A metric that an expression reads, with the labels that it chooses by. */
interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** What an expression in PromQL is made of. `errors`: the places that are not PromQL, as they stand. */
interface Expression {
  readonly selectors: readonly Selector[];
  readonly groupedBy: readonly string[];
  readonly errors: readonly string[];
}

function readExpression(text: string): Expression {
  const selectors: { metric: string; labels: string[] }[] = [];
  const groupedBy: string[] = [];
  const errors: string[] = [];
  parser.parse(text).iterate({
    enter: ({ name, type, from, to, node }) => {
      const here = text.slice(from, to);
      if (type.isError) errors.push(text.slice(from, to + 10));
      if (name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      const last = selectors.at(-1);
      if (name === 'Identifier' && last !== undefined) last.metric = here;
      if (name !== 'LabelName') return;
      if (node.parent?.name === 'GroupingLabels') groupedBy.push(here);
      else last?.labels.push(here);
    },
  });
  return { selectors, groupedBy, errors };
}

/** The labels of each series that an expression may read. */
export type KnownSeries = ReadonlyMap<string, readonly string[]>;

/** What is wrong with an expression: what is no PromQL, and names of metrics and labels that nobody exposes. Empty when it is sound. */
export function problemsIn(text: string, known: KnownSeries): string[] {
  const { selectors, groupedBy, errors } = readExpression(text);
  const labelsOf = ({ metric }: Selector): readonly string[] => known.get(metric) ?? [];
  const made = [...text.matchAll(/label_replace\([^"]*"(\w+)"/g)].map(([, label]) => label);
  const present = new Set([...selectors.flatMap(labelsOf), ...made]);
  return [
    ...errors.map((place) => `no PromQL at "${place}"`),
    ...selectors.filter(({ metric }) => !known.has(metric)).map(({ metric }) => `nobody exposes ${metric}`),
    ...selectors.flatMap((one) =>
      one.labels.filter((label) => known.has(one.metric) && !labelsOf(one).includes(label)).map((label) => `${one.metric} has no ${label}`),
    ),
    ...groupedBy.filter((label) => !present.has(label)).map((label) => `nothing here has ${label}`),
  ];
}
