import { describe, expect, it } from 'vitest';
import { withClauses, type ClauseRow } from './clause-tables.ts';

const held: ClauseRow = {
  id: 'a/b',
  versions: ['1.0', '1.1', '1.2'],
  section: 'SEND',
  quote: 'words',
  ours: 'One | two.',
  stance: 'holds',
};
const place = (name: string) => `<!-- ${name}: written by \`npm run docs\` -->\n\n<!-- /${name} -->\n`;
const document = ['refusals', 'choices', 'clauses'].map(place).join('\n');

describe('the clauses of a document', () => {
  const written = withClauses(document, [
    { topic: 'Sending', clauses: [held, { ...held, id: 'a/c', versions: ['1.2'], stance: 'refusal' }] },
    { topic: 'Nothing held', clauses: [{ ...held, id: 'a/d', versions: ['1.1', '1.2'], stance: 'choice' }] },
  ]);

  it('stand by topic, choices and refusals apart, the latter with the words that they refuse', () => {
    expect(written).toContain('### Sending');
    expect(written).not.toContain('### Nothing held');
    expect(written).toMatch(/^\| 1\.0–1\.2 +\| SEND +\| One \\\| two\. +\| `a\/b` \|$/m);
    expect(written).toMatch(/^\| 1\.1–1\.2 +\| SEND +\| One \\\| two\. +\| `a\/d` \|$/m);
    expect(written).toMatch(/^\| 1\.2 +\| words +\| One \\\| two\. +\| `a\/c` \|$/m);
  });

  it('need their places', () => {
    expect(() => withClauses('# STOMP\n', [])).toThrow('no place for refusals');
  });
});
