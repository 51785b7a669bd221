import { describe, expect, it } from 'vitest';
import { readRepositoryFile } from '../repository.ts';

const performance = readRepositoryFile('docs/performance.md');

const sectionOf = (bench: string) =>
  new RegExp(`<!-- ${bench}: .*?-->(.*?)<!-- /${bench} -->`, 's').exec(performance)?.[1] ?? '';

const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The median that a bench has in this column, in the row whose first cells are these. */
function measured(bench: string, row: readonly string[], column: string): number {
  const tables = sectionOf(bench)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf);
  const at = tables[0]?.indexOf(column) ?? -1;
  const cells = tables.find((each) => row.every((text, index) => each[index] === text));
  return numberIn(cells?.[at]);
}

/** What a sentence of a bench says, behind these words. */
const said = (bench: string, words: string) => numberIn(sectionOf(bench).split(words)[1]?.trim());

const numberIn = (text = '') => Number.parseFloat(text.replaceAll(',', ''));
const rounded = (value: number, digits: number) => Number(value.toPrecision(digits)).toLocaleString('en-US');

const GATEWAY = 'ws-gateway';
const idle = (column: string) => measured('idle', ['ws-gateway, heart-beats on'], column);
/** KiB a session with what V8 keeps, of 5,000. */
const keptKiB = () => ((idle('MiB as it stands') - idle('MiB before')) * 1_024) / 5_000;
const fanOut = (rooms: string) => measured('fan-out', [rooms, GATEWAY], 'deliveries/CPU-s');
const pacedMs = () => measured('paced', ['100 rooms of 10, 200/s', GATEWAY], 'CPU ms/s');
const echoMs = (column: string) => measured('echo', ['50', 'SEND → RECEIPT'], column);
const rowsPerS = (batch: string) => measured('persister', [batch, 'one statement'], 'rows/s');
const historyMs = (column: string) => measured('history', ['REST', '10,000,000'], column);
const unreadMs = (column: string) => measured('unread', ['REST'], column);
const resume = (column: string) => measured('replay', ['SUBSCRIBE with since'], column);

/** The figures of each row of the table, in their order, from what the benches have measured. */
const FIGURES: Readonly<Record<string, () => readonly string[]>> = {
  'sessions in a GB of a gateway': () => [
    `${rounded(2 ** 20 / idle('KiB a session'), 1)} that are idle`,
    `${rounded(idle('KiB a session'), 2)} KiB`,
    `${rounded(2 ** 20 / keptKiB(), 1)} with what V8 keeps`,
  ],
  'sessions a gateway lets in': () => [
    `${rounded(measured('connections', [GATEWAY], 'sessions/CPU-s'), 2)} a CPU-second`,
  ],
  'deliveries a core, saturated': () => [
    `${rounded(fanOut('one room of 1,000'), 2)}/s in a room of 1,000`,
    `${rounded(fanOut('100 rooms of 10'), 2)}/s in rooms of 10`,
    `${rounded(fanOut('1,000 rooms of 2 with overlap'), 2)}/s in rooms of 2`,
  ],
  'deliveries a core, at a steady pace': () => [
    `${rounded(2_000 / (pacedMs() / 1_000), 2)}/s: 200 messages/s to 10 each`,
    `${rounded(pacedMs(), 3)} ms`,
  ],
  'records that a gateway can pass over': () => [
    `${rounded(measured('filter', [GATEWAY], 'records/CPU-s'), 2)} a CPU-second`,
  ],
  'messages acknowledged by Kafka, one instance': () => [
    `${rounded(measured('publisher', ['12', '100'], 'ours msg/s'), 2)}/s with 100 on their way`,
  ],
  'from SEND to RECEIPT': () => [
    `${rounded(echoMs('p50 ms'), 1)} ms at p50`,
    `${rounded(echoMs('p99 ms'), 1)} ms at p99`,
  ],
  'rows a persister stores': () => [`${rounded(rowsPerS('500'), 2)} to ${rounded(rowsPerS('1000'), 2)}/s`],
  'a page of history among 10,000,000 rows': () => [
    `${rounded(historyMs('p50 ms'), 2)} ms at p50`,
    `${rounded(historyMs('p99 ms'), 2)} ms at p99`,
  ],
  'what is unread in 1,000 rooms': () => [
    `${rounded(unreadMs('p50 ms'), 1)} ms at p50`,
    `${rounded(unreadMs('p99 ms'), 2)} ms at p99`,
  ],
  'sessions that come back at once, 50 missed': () => [
    `1,000 in ${rounded(resume('longest ms') / 1_000, 2)} s`,
    `${rounded(resume('replayed rows/s'), 3)} replayed rows/s`,
  ],
  'Redis under 5,000 sessions that ping': () => [
    `${rounded(measured('presence', ['ws-gateway and presence-worker, a lease a gateway'], 'Redis commands/s'), 2)} commands/s`,
  ],
  'a page of presence, 200 of a room of 10,000': () => [
    `${rounded(said('presence', ': p50 '), 2)} ms at p50`,
    `${rounded(said('presence', ', p99 '), 2)} ms at p99`,
  ],
};

const [, table = ''] = /\n### Capacity\n(.*?)\n## /s.exec(readRepositoryFile('docs/operations.md')) ?? [];
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map(cellsOf);

describe('the capacity table of docs/operations.md', () => {
  it('has no row that nobody holds against what was measured', () => {
    expect(rows.map(([what]) => what)).toEqual(Object.keys(FIGURES));
  });

  it.each(rows)('has of %s what was measured: %s', (what, figure) => {
    const texts = FIGURES[what]?.() ?? ['none'];
    expect(texts.filter((text) => text.includes('NaN') || !figure.includes(text))).toEqual([]);
  });
});
