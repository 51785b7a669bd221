import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ClientProgram, Language, LanguageContext } from './languages/language.ts';
import { runTool } from './languages/run-tool.ts';

/** What is written in a language, by its name on the command line. */
export interface ProgramOfLanguage {
  readonly name: string;
  readonly language: Language;
}

/**
 * The program of each client, by its name, fetched and built where it is not there yet. Throws where a language is missing
 * on this machine, with the names of all that are.
 */
export async function prepareClients(
  clients: readonly ProgramOfLanguage[],
  context: LanguageContext,
): Promise<ReadonlyMap<string, ClientProgram>> {
  const missing = missingLanguages(clients, process.env['PATH'] ?? '');
  if (missing.length > 0) throw new RangeError(missing.join('\n'));
  const entries = clients.map(async ({ name, language }) => [name, await language.prepare(context, name)] as const);
  return new Map(await Promise.all(entries));
}

/** A sentence for each language that has a program missing on the path. */
export function missingLanguages(clients: readonly ProgramOfLanguage[], path: string): readonly string[] {
  return languagesOf(clients).flatMap(({ name, programs }) => {
    const missing = programs.filter((program) => !isOnPath(program, path));
    return missing.length === 0 ? [] : [`${name} is missing: not on PATH: ${missing.join(', ')}`];
  });
}

/** "Go 1.26.8" of each language. */
export async function languageVersions(clients: readonly ProgramOfLanguage[]): Promise<readonly string[]> {
  return Promise.all(
    languagesOf(clients).map(async ({ name, versionCommand: [command = '', ...args] }) => {
      const version = /[0-9]+(\.[0-9]+)+/.exec(await runTool(command, args))?.[0];
      return `${name} ${version ?? 'of unknown version'}`;
    }),
  );
}

function languagesOf(clients: readonly ProgramOfLanguage[]): readonly Language[] {
  return [...new Set(clients.map(({ language }) => language))];
}

function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this one
    }
  });
}
