export { runOf, type BlockRun } from './block-runs.ts';
export { placeOf, readCodeBlocks, type CodeBlock } from './code-blocks.ts';
