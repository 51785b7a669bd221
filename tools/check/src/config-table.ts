import { tableOf } from '@chat/testing';
import { cell, code, withDocs } from './docs-section.ts';

/** One setting as `--describe-config` of an app prints it. */
export interface SettingRow {
  readonly env: string;
  readonly standard: string;
  readonly about: string;
}

/** A Markdown table of an app's settings, by variable. */
export function configTable(rows: readonly SettingRow[]): string {
  const cells = [...rows]
    .sort((a, b) => (a.env < b.env ? -1 : 1))
    .map(({ env, standard, about }) => [code(env), plainOrCode(standard), cell(about)]);
  return tableOf(['Variable', 'Default', 'Meaning'], cells);
}

function plainOrCode(standard: string): string {
  return standard === 'required' || standard === 'none' ? standard : code(standard);
}

/** The README with the table between its markers; throws where it has none. */
export function withConfigTable(readme: string, rows: readonly SettingRow[]): string {
  return withDocs(readme, 'configuration', configTable(rows));
}
