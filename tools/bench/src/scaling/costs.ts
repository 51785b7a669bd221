import type { RecordCosts } from './scaling.ts';

/**
 * A record that is judged: bench `filter`. One that is forwarded: what interest routing takes more than full fan-in in bench `feed`,
 * over the records that it forwards: 5 to 8 µs, by how many of the gateways hold a room.
 */
export const COSTS: RecordCosts = {
  recordBytes: 330,
  mailBytes: 240,
  emptyMailBytes: 300,
  judgeUs: 2.14,
  forwardUs: 7,
  replicas: 3,
};

/** The same where so many records come at a time, of as many partitions, so that each is a mail of its own: bench `mail`. */
export const BATCHES: Readonly<Record<string, Pick<RecordCosts, 'judgeUs' | 'forwardUs'>>> = {
  'full batches': COSTS,
  '16 at a time': { judgeUs: 53.6, forwardUs: 243 },
  '4 at a time': { judgeUs: 118, forwardUs: 332 },
  'each alone': { judgeUs: 356, forwardUs: 680 },
};
