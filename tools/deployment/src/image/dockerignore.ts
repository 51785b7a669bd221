/**
 * Which paths of a build context a `.dockerignore` holds back. Of the lines that name a path or a folder above it the last one
 * decides, and one that begins with `!` lets through (docs.docker.com/build/concepts/context).
 */
export class DockerIgnore {
  readonly #rules: readonly { readonly pattern: RegExp; readonly letsThrough: boolean; readonly text: string }[];

  constructor(text: string) {
    const lines = text.split('\n').map((line) => line.trim());
    this.#rules = lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const letsThrough = line.startsWith('!');
        const path = letsThrough ? line.slice(1) : line;
        return { pattern: patternOf(path), letsThrough, text: path };
      });
  }

  holdsBack(path: string): boolean {
    const rule = this.#rules.findLast(({ pattern }) => pattern.test(path));
    return rule !== undefined && !rule.letsThrough;
  }

  /** Whether nothing below a folder can pass. */
  holdsBackAllOf(folder: string): boolean {
    const inside = `${folder}/`;
    return (
      this.holdsBack(folder) && !this.#rules.some(({ letsThrough, text }) => letsThrough && text.startsWith(inside))
    );
  }
}

const PART = /\*\*\/|\*\*|\*|\?|[^*?]+/g;
const WILDCARDS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };

function patternOf(path: string): RegExp {
  const parts = path.match(PART) ?? [];
  const source = parts.map((part) => WILDCARDS[part] ?? part.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')).join('');
  return new RegExp(`^${source}(?:/.*)?$`);
}
