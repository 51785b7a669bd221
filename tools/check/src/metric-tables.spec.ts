import { describe, expect, it } from 'vitest';
import { withMetrics, type MetricRow } from './metric-tables.ts';

const row = (name: string, labels: readonly string[] = []): MetricRow => ({
  name,
  type: 'counter',
  help: `of ${name}`,
  labels,
});
const marked = (name: string) => `<!-- ${name}: written by \`npm run docs\` -->\n<!-- /${name} -->\n`;

describe('the document of metrics', () => {
  it('has what all apps have once, ours before those of the process, and the rest by app', () => {
    const document = ['every app', 'one', 'two'].map(marked).join('\n');
    const written = withMetrics(document, {
      one: [row('process_cpu'), row('chat_ready'), row('chat_a', ['code', 'reason'])],
      two: [row('process_cpu'), row('chat_ready'), row('chat_b')],
    });
    const lines = written.split('\n').filter((line) => line.startsWith('| `'));
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      '| `chat_ready` | counter | | of chat_ready |',
      '| `process_cpu` | counter | | of process_cpu |',
      '| `chat_a` | counter | `code`, `reason` | of chat_a |',
      '| `chat_b` | counter | | of chat_b |',
    ]);
  });
});
