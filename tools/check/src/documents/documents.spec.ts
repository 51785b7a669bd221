import { describe, expect, it } from 'vitest';
import { dtoContracts, recordContracts } from '../contracts/contract-schemas.ts';
import { validatorOf } from '../contracts/validator.ts';
import { runOf, TYPED } from './block-runs.ts';
import { codeBlocksOf, firstLineOf, placeOf, readCodeBlocks } from './code-blocks.ts';
import { framesIn } from './frame-problems.ts';
import { NOT_RUN } from './not-run.ts';
import { typeProblems } from './type-problems.ts';

/** The compiler reads all packages first, in ms. */
const COMPILE_DEADLINE_MS = 60_000;

const blocks = readCodeBlocks().map((block) => ({ block, run: runOf(block), place: placeOf(block) }));
const schemas = new Map([...dtoContracts(), ...recordContracts()].map(({ name, schema }) => [name, schema]));

function valueOf(text: string): unknown {
  return JSON.parse(text);
}

describe('every code block of the documents', () => {
  it('is run by a test, or stands in the table of those that cannot be', () => {
    const forgotten = blocks.flatMap(({ run, place }) =>
      run.kind === 'FORGOTTEN' ? [`${place}: ${run.problem}`] : [],
    );
    expect(forgotten).toEqual([]);
  });

  it('is there, if it stands in that table', () => {
    const isThere = ({ document, begins }: (typeof NOT_RUN)[number]) =>
      blocks.some(({ block }) => block.document === document && firstLineOf(block.text).startsWith(begins));
    expect(NOT_RUN.filter((row) => !isThere(row))).toEqual([]);
  });

  const json = blocks.flatMap(({ block, run, place }) => (run.kind === 'VALIDATE' ? [{ place, block, ...run }] : []));
  it.each(json)('is JSON of the schema it names: $place $schema', ({ block, schema }) => {
    const value = valueOf(block.text);
    if (schema === null) return;
    const known = schemas.get(schema);
    if (known === undefined) throw new Error(`There is no schema ${schema}`);
    expect(validatorOf(known)(value)).toBeNull();
  });

  const frames = blocks.filter(({ run }) => run.kind === 'PARSE_FRAMES');
  it.each(frames)('is made of STOMP frames: $place', ({ block }) => {
    expect(framesIn(block.text).length).toBeGreaterThan(0);
  });

  it('compiles against the packages, if it is JavaScript or TypeScript', { timeout: COMPILE_DEADLINE_MS }, () => {
    const typed = blocks.map(({ block }) => block).filter(({ language }) => TYPED.includes(language));
    const text = "import { nothing } from '@chat/dto';\nnothing();";
    const bad = { document: 'docs/x.md', line: 3, language: 'ts', words: '', text, isIndented: false };
    expect(typed.length).toBeGreaterThan(0);
    expect(typeProblems([...typed, bad])).toEqual([expect.stringMatching(/^docs\/x\.md:3: .*nothing/)]); // and so would a bad one be found
  });
});

describe('a code block', () => {
  const [block] = codeBlocksOf('docs/x.md', '# X\n\n- one\n\n  ```sh run until "a b"\n  echo\n  ```\n');

  it('is found inside of a list, with its place, language and words', () => {
    expect(block).toEqual({
      document: 'docs/x.md',
      line: 6,
      language: 'sh',
      words: 'run until "a b"',
      text: 'echo',
      isIndented: false,
    });
  });

  it.each([
    ['sh run', { kind: 'EXECUTE', until: null }],
    ['js run until "a b"', { kind: 'EXECUTE', until: 'a b' }],
    ['ts', { kind: 'TYPECHECK' }],
    ['json', { kind: 'VALIDATE', schema: null }],
    ['json MessageDTO', { kind: 'VALIDATE', schema: 'MessageDTO' }],
    ['stomp', { kind: 'PARSE_FRAMES' }],
    ['sh', { kind: 'FORGOTTEN' }],
    ['sh ruin', { kind: 'FORGOTTEN' }],
    ['ts skip', { kind: 'FORGOTTEN' }],
    ['text', { kind: 'FORGOTTEN' }],
    ['', { kind: 'FORGOTTEN' }],
  ])('that is called "%s" is run so', (info, run) => {
    const [fenced] = codeBlocksOf('docs/x.md', `\`\`\`${info}\nx\n\`\`\``);
    expect(fenced && runOf(fenced)).toMatchObject(run);
  });

  it('is refused where spaces set it off', () => {
    const [indented] = codeBlocksOf('docs/x.md', 'text\n\n    x\n');
    expect(indented && runOf(indented)).toMatchObject({ kind: 'FORGOTTEN' });
  });

  it.each([
    'SEND\ndestination:/a\n\nx',
    'SEND\nno header\n\n^@',
    'FLY\n\n^@',
    'SEND\ndestination:/a\n\n^@\nRECEIPT\nreceipt-id:1\n',
  ])('is refused as frames: %j', (text) => {
    expect(() => framesIn(text)).toThrow();
  });
});
