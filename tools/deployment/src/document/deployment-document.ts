import { readRepositoryFile } from '../repository.ts';

const document = readRepositoryFile('docs/deployment.md');

/** Rows of the table with this heading row, cells as written. */
export function rowsOf(heading: string): string[][] {
  const lines = document.split('\n');
  const first = lines.findIndex((line) => cellsOf(line)[0] === heading);
  const rest = lines.slice(first + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return first < 0 ? [] : rest.slice(0, end).map(cellsOf);
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** Texts in `code` within a cell. */
export function codesIn(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
