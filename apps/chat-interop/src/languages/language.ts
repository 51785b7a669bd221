/** What runs a client: `command` with `args` in the environment of the harness and `env`. */
export interface ClientProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface LanguageContext {
  /** The folder of this project. */
  readonly projectDir: string;
  /** Downloads and built programs, kept from run to run. */
  readonly cacheDir: string;
}

export interface Language {
  /** As people call it: "Go". */
  readonly name: string;
  /** What has to be on PATH. */
  readonly programs: readonly string[];
  /** The command that prints the version, as words. */
  readonly versionCommand: readonly string[];
  /** Fetches and builds what is not there yet, and answers how the program of a client is run. */
  prepare(context: LanguageContext, client: string): Promise<ClientProgram>;
}
