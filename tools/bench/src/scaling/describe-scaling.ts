import { BATCHES, COSTS } from './costs.ts';
import { CHAT } from './population.ts';
import { breakEven, scalingOf, type FeedLoad } from './scaling.ts';
import { figure } from '../figures.ts';

// Prints the tables of docs/scaling.md as JSON, for `npm run docs`.

const GATEWAYS = [10, 100, 1_000];

const scalings = GATEWAYS.map((gateways) => scalingOf(CHAT, COSTS, gateways));

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) =>
    Math.max(...[cell, ...rows.map((row) => row[column] ?? '')].map((text) => text.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const FEEDS = [
  ['full', 'full fan-in'],
  ['interest', 'interest routing'],
] as const;

const loadRow = (load: FeedLoad) => [
  figure(load.recordsRead),
  figure(load.keepAlives),
  figure(load.mbitPerSecond),
  `${figure(load.cpuShare * 100)} %`,
  figure(load.brokersOutMBytes),
  figure(load.brokersInMBytes),
  figure(load.keptGBytes),
  figure(load.messagesAtHalfCore),
];

const population = tableOf(
  ['gateways', 'sessions', 'messages/s', 'gateways that hold the room of a message'],
  scalings.map(({ gateways, messagesPerSecond, holders }) => [
    gateways.toLocaleString('en-US'),
    figure(gateways * CHAT.sessionsPerGateway),
    figure(messagesPerSecond),
    figure(holders),
  ]),
);
const loads = tableOf(
  [
    'gateways',
    'feed',
    'records/s',
    'keep-alives/s',
    'Mbit/s in',
    'of a core',
    'brokers out, MB/s',
    'brokers in, MB/s',
    'brokers keep, GB',
    'messages/s at half a core',
  ],
  scalings.flatMap((scaling) =>
    FEEDS.map(([feed, label]) => [scaling.gateways.toLocaleString('en-US'), label, ...loadRow(scaling[feed])]),
  ),
);
const shareText = (cpuShare: number) => (cpuShare > 1 ? 'over 100 %' : `${figure(cpuShare * 100)} %`);
const batches = tableOf(
  ['gateways', 'feed', ...Object.keys(BATCHES)],
  GATEWAYS.flatMap((gateways) => {
    const ofBatches = Object.values(BATCHES).map((each) => scalingOf(CHAT, { ...COSTS, ...each }, gateways));
    return FEEDS.map(([feed, label]) => [
      gateways.toLocaleString('en-US'),
      label,
      ...ofBatches.map((scaling) => shareText(scaling[feed].cpuShare)),
    ]);
  }),
);
const costs = tableOf(
  ['what', 'cost'],
  [
    ['to fetch and judge a record', `${COSTS.judgeUs} µs of CPU, ${COSTS.recordBytes} bytes`],
    [
      'to send one to one gateway, and to take it in there',
      `${COSTS.forwardUs} µs in full batches, ${COSTS.mailBytes} bytes, ${COSTS.replicas} times into the brokers`,
    ],
    ...Object.entries(BATCHES)
      .slice(1)
      .map(([label, { judgeUs, forwardUs }]) => [`the two, ${label}`, `${judgeUs} µs and ${forwardUs} µs`]),
    ['a mail that says that there is nothing', `as much, ${COSTS.emptyMailBytes} bytes`],
    ['interest routing takes less CPU in full batches from', `${breakEven(CHAT, COSTS)} gateways on`],
  ],
);

console.log(JSON.stringify({ population, costs, loads, batches }));
