export type { StackFile } from './stack/stack-file.ts';
export type { PartsFile } from './commands/parts-command.ts';
