import { describe, expect, it } from 'vitest';
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
});
