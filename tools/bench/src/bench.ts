/** Where a bench finds what it measures on. */
export interface BenchConfig {
  /** A migrated database that nobody uses: the template for databases of its own. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly kafkaBrokers: string;
  /** Existing folder for the logs of apps. */
  readonly logDir: string;
  /** Repository root. */
  readonly rootDir: string;
}

export interface BenchContext extends BenchConfig {
  /** Where the apps that a bench starts leave CPU profiles of their whole lives; null where they are not asked to. */
  readonly profileDir: string | null;
  /** So little work that the figures mean nothing: it shows that the bench works. */
  readonly isQuick: boolean;
  /** Tells the user one line about a step that takes its time. */
  readonly say: (line: string) => void;
}

/** What must hold of the figures. */
export interface Target {
  /** A sentence. */
  readonly rule: string;
  /** What was measured. */
  readonly measured: string;
  readonly isMet: boolean;
}

export interface BenchReport {
  /** What was measured how, in sentences. */
  readonly about: readonly string[];
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** None where the figures are for information. */
  readonly targets: readonly Target[];
  /** What the rows were made of, round by round, for the JSON file; the rows stand there in any case. */
  readonly figures?: Readonly<Record<string, unknown>>;
}

export type Bench = (context: BenchContext) => Promise<BenchReport>;
