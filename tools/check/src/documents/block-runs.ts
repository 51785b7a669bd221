import { firstLineOf, type CodeBlock } from './code-blocks.ts';
import { NOT_RUN } from './not-run.ts';

/** How a block is tested. */
export type BlockRun =
  /** Executed on a running chat; ends by itself, or once it has printed this text. */
  | { readonly kind: 'EXECUTE'; readonly until: string | null }
  /** TypeScript or JavaScript: checked against the types of the packages. */
  | { readonly kind: 'TYPECHECK' }
  /** JSON, or a line of JSON each: validated against this schema, or only parsed. */
  | { readonly kind: 'VALIDATE'; readonly schema: string | null }
  /** STOMP frames: parsed by the codec. */
  | { readonly kind: 'PARSE_FRAMES' }
  /** Not at all, for this reason. */
  | { readonly kind: 'NOT_RUN'; readonly reason: string }
  /** Nobody runs it. */
  | { readonly kind: 'FORGOTTEN'; readonly problem: string };

/** Languages that the compiler knows. */
export const TYPED = ['ts', 'tsx', 'js', 'jsx'];
const RUN = /^run(?: until "([^"]+)")?$/;

/** What becomes of a block, by its info string and the table of those that cannot be run. */
export function runOf(block: CodeBlock): BlockRun {
  const excuse = NOT_RUN.find(
    ({ document, begins }) => document === block.document && firstLineOf(block.text).startsWith(begins),
  );
  if (excuse !== undefined) return { kind: 'NOT_RUN', reason: excuse.reason };
  const { language, words, isIndented } = block;
  if (isIndented) return forgotten('it is set off by spaces and so says no language: fence it');
  const executed = RUN.exec(words);
  if (executed !== null && [...TYPED, 'sh'].includes(language)) {
    return { kind: 'EXECUTE', until: executed[1] ?? null };
  }
  if (TYPED.includes(language))
    return words === '' ? { kind: 'TYPECHECK' } : forgotten(`"${words}" is no way to run ${language}`);
  if (language === 'json') return { kind: 'VALIDATE', schema: words === '' ? null : words };
  if (language === 'stomp') return { kind: 'PARSE_FRAMES' };
  return forgotten(
    `${language === '' ? 'a block without a language' : language} has no run: see tools/check/README.md`,
  );
}

function forgotten(problem: string): BlockRun {
  return { kind: 'FORGOTTEN', problem };
}
