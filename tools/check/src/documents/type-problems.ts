import { join } from 'node:path';
import ts from 'typescript';
import { placeOf, type CodeBlock } from './code-blocks.ts';

const ROOT = join(import.meta.dirname, '../../../..');
/** Where the blocks seem to lie: from there they see the packages that an application would have installed. */
const FOLDER = join(ROOT, 'apps/chat-e2e/src/doc-blocks');

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.promise.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['@chat/source'],
  types: ['node'],
  jsx: ts.JsxEmit.ReactJSX,
  strict: true,
  allowJs: true,
  checkJs: true,
  noImplicitAny: false,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  noEmit: true,
};

/** The page around the blocks of a screen: what they may use without saying where it comes from. */
const SURROUNDINGS = `
  import type { ChatClient } from '@chat/client';
  declare global {
    const client: ChatClient;
    const list: HTMLElement;
    const form: HTMLFormElement & { readonly text: HTMLInputElement };
  }
`;
const SURROUNDINGS_FILE = join(FOLDER, 'surroundings.d.mts');
const EXTENSIONS: Readonly<Record<string, string>> = { js: 'mjs', ts: 'mts' };

/** What the compiler has against the blocks, each a module of its own: place and sentence. */
export function typeProblems(blocks: readonly CodeBlock[]): readonly string[] {
  const files = new Map(blocks.map((block, at) => [fileOf(block, at), block]));
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  const textOf = (file: string) => (file === SURROUNDINGS_FILE ? SURROUNDINGS : files.get(file)?.text);
  host.fileExists = (file) => textOf(file) !== undefined || fileExists(file);
  host.readFile = (file) => textOf(file) ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const text = textOf(file);
    if (text === undefined) return getSourceFile(file, ...rest);
    return ts.createSourceFile(file, `${text}\nexport {};\n`, rest[0]);
  };
  const program = ts.createProgram([SURROUNDINGS_FILE, ...files.keys()], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).flatMap((diagnostic) => {
    const block = files.get(diagnostic.file?.fileName ?? '');
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
    return block === undefined ? [] : [`${placeOf(block)}: ${message}`];
  });
}

function fileOf({ language }: CodeBlock, at: number): string {
  return join(FOLDER, `block-${at}.${EXTENSIONS[language] ?? language}`);
}
