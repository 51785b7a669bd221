import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';

const ROOT = join(import.meta.dirname, '../../../..');

/** A code block of a document, and how it says that it is run: the words behind its language. */
export interface CodeBlock {
  /** Path of the document below the root of the repository. */
  readonly document: string;
  /** Line of its first line in the document, from 1. */
  readonly line: number;
  /** Of its info string: `sh`, `ts`, `json`, …; empty where it has none. */
  readonly language: string;
  /** What follows in the info string: `run until "Hello"`, the name of a schema, … */
  readonly words: string;
  readonly text: string;
  /** Set off by spaces: it can say neither language nor words. */
  readonly isIndented: boolean;
}

/** Documents whose blocks are run: what people read first, and everything in `docs`. */
export function documentsWithBlocks(): readonly string[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => /\.(md|txt)$/.test(name));
  return [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'libs/client/README.md',
    ...docs.sort().map((name) => `docs/${name}`),
  ];
}

/** Every code block of these documents, in their order. */
export function readCodeBlocks(documents = documentsWithBlocks()): readonly CodeBlock[] {
  return documents.flatMap((document) => codeBlocksOf(document, readFileSync(join(ROOT, document), 'utf8')));
}

/** The code blocks of one document, those inside of lists and quotes as well. */
export function codeBlocksOf(document: string, markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let from = 0;
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type !== 'code') return;
    const first = firstLineOf(token.raw);
    const at = markdown.indexOf(first, from);
    from = at + first.length;
    const isIndented = token.codeBlockStyle === 'indented';
    const [language = '', ...words] = (token.lang ?? '').split(/\s+/);
    const line = markdown.slice(0, at).split('\n').length + (isIndented ? 0 : 1);
    blocks.push({ document, line, language, words: words.join(' '), text: token.text, isIndented });
  });
  return blocks;
}

/** The first line that is not empty. */
export function firstLineOf(raw: string): string {
  return raw.split('\n').find((line) => line !== '') ?? '';
}

/** `docs/stomp.md:12`, for people to go there. */
export function placeOf({ document, line }: CodeBlock): string {
  return `${document}:${line}`;
}
