import { describe, expect, it } from 'vitest';
import { withProtocolTables, type ProtocolTables } from './protocol-tables.ts';

const tables: ProtocolTables = {
  sendDestinations: [{ destination: '/app/a', about: 'to a', isOriginal: true }],
  subscribeDestinations: [{ destination: '/topic/a', about: 'from a', isOriginal: false }],
  chatErrors: { BUSY: { retryable: true, message: 'Busy.' } },
  sessionErrors: { MINE: 'Of the session.' },
  protocolErrors: { OTHER: 'Of the codec.' },
  closeCodes: [{ code: 1000, meaning: 'the end', reconnect: 'never' }],
  frameLimits: [{ name: 'max', standard: 65_536, error: 'TOO_BIG', counts: 'bytes' }],
  settings: [{ env: 'MAX', standard: '7', about: 'how many' }],
};
const NAMES = [
  ...['send destinations', 'subscribe destinations', 'chat errors', 'session errors'],
  ...['close codes', 'frame limits', 'limits'],
];
const place = (name: string) => `<!-- ${name}: written by \`npm run docs\` -->\n\nold\n\n<!-- /${name} -->\n`;

describe("the gateway's tables", () => {
  const written = withProtocolTables(NAMES.map(place).join('\n'), tables);

  it('all have their place, where what was there before goes', () => {
    expect(written).not.toContain('old');
    for (const row of [
      /^\| `\/app\/a` ◆ +\| to a +\|$/m,
      /^\| `\/topic\/a` +\| from a +\|$/m,
      /^\| `BUSY` +\| yes +\| Busy\. +\|$/m,
      /^\| `MINE` +\| Of the session\. +\|$/m,
      /^\| `OTHER` +\| Of the codec\. +\|$/m,
      /^\| 1000 +\| the end +\| never +\|$/m,
      /^\| 65,536 +\| bytes +\| `TOO_BIG` +\|$/m,
      /^\| `MAX` +\| `7` +\| how many +\|$/m,
    ]) {
      expect(written).toMatch(row);
    }
  });

  it('are written again without a change', () => {
    expect(withProtocolTables(written, tables)).toBe(written);
  });
});
