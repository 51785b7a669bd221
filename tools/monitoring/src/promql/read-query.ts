import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A metric as a query selects it. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

/** A label that a selector names, with the values that it wants; none where they are not written out one by one. */
export interface Matcher {
  readonly label: string;
  readonly values: readonly string[];
}

/** Labels that results are grouped or matched by, and the metrics that these come from. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly metrics: readonly string[];
}

export interface ReadQuery {
  readonly selectors: readonly Selector[];
  readonly groupings: readonly Grouping[];
}

/** What stands for what Grafana fills in. */
const VARIABLES: Readonly<Record<string, string>> = { $__rate_interval: '5m', $instance: '.*' };

/** The query as Prometheus would get it. */
export function withoutVariables(text: string): string {
  return Object.entries(VARIABLES).reduce((query, [variable, value]) => query.replaceAll(variable, value), text);
}

/** What a PromQL expression asks for. Throws where it is none. */
export function readQuery(text: string): ReadQuery {
  const query = withoutVariables(text);
  const tree = parser.parse(query);
  const selectors: Selector[] = [];
  const groupings: Grouping[] = [];
  tree.iterate({
    enter: ({ node, type }) => {
      if (type.isError) throw new Error(`no PromQL at ${node.from}: ${query}`);
      if (type.name === 'VectorSelector') selectors.push(selectorOf(node, query));
      if (type.name === 'GroupingLabels') groupings.push(groupingOf(node, query));
    },
  });
  if (selectors.length === 0) throw new Error(`a query without a metric: ${query}`);
  return { selectors, groupings };
}

function selectorOf(node: SyntaxNode, query: string): Selector {
  const metric = textsOf(node, 'Identifier', query)[0];
  if (metric === undefined) throw new Error(`a selector without the name of a metric: ${query}`);
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return { metric, matchers: matchers.map((matcher) => matcherOf(matcher, query)) };
}

/** Values apart by `|`, each of letters, digits, `_` and `-`; what is ruled out, and other patterns, are none. */
const VALUES = /^[\w-]+(?:\|[\w-]+)*$/;

function matcherOf(node: SyntaxNode, query: string): Matcher {
  const textOf = (name: string) => textsOf(node, name, query)[0] ?? '';
  const text = textOf('StringLiteral').slice(1, -1);
  const isWanted = textsOf(node, 'EqlSingle', query).length > 0 || textsOf(node, 'EqlRegex', query).length > 0;
  return { label: textOf('LabelName'), values: isWanted && VALUES.test(text) ? text.split('|') : [] };
}

/** The labels belong to whatever is aggregated, or to either side of what is matched. */
function groupingOf(node: SyntaxNode, query: string): Grouping {
  let whole = node.parent;
  while (whole !== null && whole.name !== 'AggregateExpr' && whole.name !== 'BinaryExpr') whole = whole.parent;
  const metrics = whole === null ? [] : textsOf(whole, 'Identifier', query);
  return { labels: textsOf(node, 'LabelName', query), metrics };
}

function textsOf(node: SyntaxNode, name: string, query: string): readonly string[] {
  const texts: string[] = [];
  node.cursor().iterate((each) => {
    if (each.name === name) texts.push(query.slice(each.from, each.to));
  });
  return texts;
}
