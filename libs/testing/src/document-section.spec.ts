import { describe, expect, it } from 'vitest';
import { withSection } from './document-section.ts';

const command = 'npm run bench -- --write';
const begin = (name: string) => `<!-- ${name}: written by \`${command}\` -->`;
const documentOf = (one: string, other: string) =>
  `# Benchmarks\n\n${begin('one')}\n\n${one}\n\n<!-- /one -->\n\n${begin('other')}\n\n${other}\n\n<!-- /other -->\n`;

describe('a section of a document', () => {
  it('takes the place of the one before it, and leaves other sections alone', () => {
    expect(withSection(documentOf('old', 'kept'), { name: 'one', command }, 'new')).toBe(documentOf('new', 'kept'));
  });

  it('stays as it is where nothing has changed', () => {
    expect(withSection(documentOf('same', 'kept'), { name: 'one', command }, 'same')).toBe(documentOf('same', 'kept'));
  });

  it('needs its place in the document', () => {
    expect(() => withSection('# Benchmarks\n', { name: 'one', command }, 'new')).toThrow('no place for one');
  });

  it('is written by its own command alone', () => {
    const other = { name: 'one', command: 'npm run docs' };
    expect(() => withSection(documentOf('old', 'kept'), other, 'new')).toThrow('no place for one');
  });
});
