/** What a panel's numbers are; Grafana's own names. */
export type Unit = 'short' | 's' | 'bytes' | 'Bps' | 'ops' | 'percentunit' | 'none';

interface Query {
  readonly expr: string;
  /** How a series is called; `{{label}}` is its value. */
  readonly legend: string;
}

/** One number that says healthy or not. */
export interface Light {
  readonly title: string;
  readonly expr: string;
  readonly unit: Unit;
  /** From here on it is yellow, and red; where `isGoodAbove`, from here down. */
  readonly yellow: number;
  readonly red: number;
  readonly isGoodAbove?: boolean;
}

export interface Graph {
  readonly title: string;
  /** What to make of it, shown beside the title. */
  readonly about?: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

export interface Dashboard {
  /** Of the file and the address. */
  readonly name: string;
  readonly title: string;
  readonly app: string;
  readonly lights: readonly Light[];
  readonly rows: readonly { readonly title: string; readonly graphs: readonly Graph[] }[];
}

const DATASOURCE = { type: 'prometheus', uid: 'prometheus' };
/** Grafana's grid. */
const GRID_WIDTH = 24;
const LIGHT = { w: 4, h: 4 };
const GRAPH = { w: 8, h: 8 };

type Panel = Readonly<Record<string, unknown>>;

/** The dashboard as Grafana loads it: the row that says healthy or not on top, then the others in their order. */
export function grafanaJson({ name, title, app, lights, rows }: Dashboard): Record<string, unknown> {
  const panels: Panel[] = [];
  let y = 0;
  const put = (size: { w: number; h: number }, items: readonly Panel[]) => {
    const perLine = Math.floor(GRID_WIDTH / size.w);
    for (const [at, item] of items.entries()) {
      const gridPos = { ...size, x: (at % perLine) * size.w, y: y + Math.floor(at / perLine) * size.h };
      panels.push({ id: panels.length + 1, ...item, gridPos });
    }
    y += Math.ceil(items.length / perLine) * size.h;
  };
  put(LIGHT, lights.map(lightPanel));
  for (const row of rows) {
    put({ w: GRID_WIDTH, h: 1 }, [{ type: 'row', title: row.title, collapsed: false, panels: [] }]);
    put(GRAPH, row.graphs.map(graphPanel));
  }
  return {
    uid: `chat-${name}`,
    title,
    tags: ['chat'],
    schemaVersion: 39,
    editable: false,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [instanceVariable(app)] },
    panels,
  };
}

/** Every query of the dashboard, with the panel that it is of. */
export function queriesOf({
  name,
  lights,
  rows,
}: Dashboard): readonly { readonly where: string; readonly expr: string }[] {
  const ofGraphs = rows.flatMap(({ graphs }) =>
    graphs.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ title, expr }))),
  );
  return [...lights, ...ofGraphs].map(({ title, expr }) => ({ where: `${name}: ${title}`, expr }));
}

function instanceVariable(app: string) {
  return {
    name: 'instance',
    label: 'Instance',
    type: 'query',
    datasource: DATASOURCE,
    query: { query: `label_values(chat_ready{app="${app}"}, instance)`, refId: 'instance' },
    definition: `label_values(chat_ready{app="${app}"}, instance)`,
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  };
}

function lightPanel({ title, expr, unit, yellow, red, isGoodAbove = false }: Light): Panel {
  const rising = [
    { color: 'green', value: null },
    { color: 'yellow', value: yellow },
    { color: 'red', value: red },
  ];
  const falling = [
    { color: 'red', value: null },
    { color: 'yellow', value: red },
    { color: 'green', value: yellow },
  ];
  return {
    type: 'stat',
    title,
    datasource: DATASOURCE,
    targets: [{ refId: 'A', datasource: DATASOURCE, expr, instant: true }],
    fieldConfig: {
      defaults: { unit, noValue: 'none', thresholds: { mode: 'absolute', steps: isGoodAbove ? falling : rising } },
      overrides: [],
    },
    options: {
      colorMode: 'background',
      graphMode: 'none',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  };
}

function graphPanel({ title, about, unit, queries }: Graph): Panel {
  return {
    type: 'timeseries',
    title,
    ...(about !== undefined && { description: about }),
    datasource: DATASOURCE,
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCharCode(65 + at),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
    })),
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 5, showPoints: 'never' } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}
