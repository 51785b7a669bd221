/** One setting as `--describe-config` of an app prints it. */
export interface SettingRow {
  readonly env: string;
  readonly standard: string;
  readonly about: string;
}

const BEGIN = '<!-- configuration: written by `npm run docs` -->';
const END = '<!-- /configuration -->';

/** A Markdown table of an app's settings, by variable, as Prettier lays tables out. */
export function configTable(rows: readonly SettingRow[]): string {
  const cells = [...rows]
    .sort((a, b) => (a.env < b.env ? -1 : 1))
    .map(({ env, standard, about }) => [`\`${env}\``, plainOrCode(standard), about.replaceAll('|', '\\|')]);
  return table([['Variable', 'Default', 'Meaning'], ...cells]);
}

function plainOrCode(standard: string): string {
  return standard === 'required' || standard === 'none' ? standard : `\`${standard}\``;
}

function table(lines: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(3, ...lines.map((line) => (line[column] ?? '').length)));
  const row = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...body.map(row)].join('\n');
}

/** The README with the table between its markers; throws where it has none. */
export function withConfigTable(readme: string, rows: readonly SettingRow[]): string {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the README has no place for its configuration: ${BEGIN} … ${END}`);
  return `${readme.slice(0, from + BEGIN.length)}\n\n${configTable(rows)}\n\n${readme.slice(to)}`;
}
