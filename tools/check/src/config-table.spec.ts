import { describe, expect, it } from 'vitest';
import { withConfigTable } from './config-table.ts';

const rows = [
  { env: 'PORT', standard: '8080', about: 'public port' },
  { env: 'DATABASE_URL', standard: 'required', about: 'a | b' },
];
const readme =
  '# App\n\n<!-- configuration: written by `npm run docs` -->\n\nold\n\n<!-- /configuration -->\n\nMore.\n';

describe('the configuration of a README', () => {
  it('is written between its markers, sorted by variable, and again without a change', () => {
    const written = withConfigTable(readme, rows);
    expect(written).toBe(
      [
        '# App',
        '',
        '<!-- configuration: written by `npm run docs` -->',
        '',
        '| Variable       | Default  | Meaning     |',
        '| -------------- | -------- | ----------- |',
        '| `DATABASE_URL` | required | a \\| b      |',
        '| `PORT`         | `8080`   | public port |',
        '',
        '<!-- /configuration -->',
        '',
        'More.',
        '',
      ].join('\n'),
    );
    expect(withConfigTable(written, rows)).toBe(written);
  });

  it('needs its markers', () => {
    expect(() => withConfigTable('# App\n', rows)).toThrow('no place for configuration');
  });
});
