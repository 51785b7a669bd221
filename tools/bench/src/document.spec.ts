import { describe, expect, it } from 'vitest';
import { withReport } from './document.ts';
import { reportText } from './report-text.ts';

const text = reportText(
  {
    about: ['Ours against theirs.'],
    parameters: { rounds: 7, rows: '10,000' },
    head: ['waiting', 'msg/s'],
    rows: [
      ['1', '500'],
      ['100', '20,000'],
    ],
    targets: [
      { rule: 'at least 5 times', measured: '6.10', isMet: true },
      { rule: 'at most half', measured: '0.700', isMet: false },
    ],
  },
  '2026-11-24, 2 cores.',
);

describe('a report', () => {
  it('says when and how it was measured, what came out, and what that says of its targets', () => {
    expect(text).toBe(
      [
        '2026-11-24, 2 cores.',
        'Parameters: rounds 7, rows 10,000.',
        '',
        '- Ours against theirs.',
        '',
        '| waiting | msg/s  |',
        '| ------- | ------ |',
        '| 1       | 500    |',
        '| 100     | 20,000 |',
        '',
        '- Met: at least 5 times. Measured: 6.10.',
        '- **Missed**: at most half. Measured: 0.700.',
      ].join('\n'),
    );
  });

  it('takes the place of the one before it, and leaves those of other benches alone', () => {
    const begin = (name: string) => `<!-- ${name}: written by \`npm run bench -- --write\` -->`;
    const document = (one: string, other: string) =>
      `# Benchmarks\n\n${begin('one')}\n\n${one}\n\n<!-- /one -->\n\n${begin('other')}\n\n${other}\n\n<!-- /other -->\n`;
    expect(withReport(document('old', 'kept'), 'one', text)).toBe(document(text, 'kept'));
  });

  it('needs its place in the document', () => {
    expect(() => withReport('# Benchmarks\n', 'one', text)).toThrow('no place for one');
  });
});
