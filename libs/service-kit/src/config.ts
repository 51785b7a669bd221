import { z } from 'zod';

/** One environment variable: its name, how its text becomes a value, what it is for. */
export interface Setting<Value> {
  readonly env: string;
  readonly about: string;
  readonly schema: z.ZodType<Value, string | undefined>;
  /** A secret's value never appears in a message. */
  readonly secret: boolean;
  readonly tree?: SettingTree;
  /** What the variable was called in earlier builds. */
  readonly formerly?: string;
}

/** A setting that a document of settings may also give branch by branch, where the environment has one text. */
export interface SettingTree {
  /** What the names of its properties begin with, such as `chat.topics.`. */
  readonly under: string;
  /** The text of the variable, made of the one given in its own name and of the properties, by the rest of their names. */
  readonly toText: (given: string | undefined, properties: ReadonlyMap<string, string>) => string;
}

/** A text for a variable from elsewhere than the environment, and from where, as people call it. */
export interface ServedText {
  readonly text: string;
  readonly from: string;
}

/** By environment variable. */
export type ServedTexts = ReadonlyMap<string, ServedText>;

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type ConfigOf<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer Value> ? Value : never;
};

/** The environment does not make a configuration; the message lists every problem, secrets left out. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Settings that are kept elsewhere cannot be had; the message is for people. */
export class SettingsUnavailableError extends Error {
  override readonly name = 'SettingsUnavailableError';
}

type Text<Value> = z.ZodType<Value, string | undefined>;

/** A setting whose value may be shown: the variable, how its text is read, what it is for. */
export function setting<Value>(env: string, schema: Text<Value>, about: string, tree?: SettingTree): Setting<Value> {
  return { env, schema, about, secret: false, ...(tree && { tree }) };
}

/** A setting whose value is left out of every message. */
export function secret<Value>(env: string, schema: Text<Value>, about: string): Setting<Value> {
  return { env, schema, about, secret: true };
}

/** A setting that was another variable in earlier builds: where that is given and this one is not, it is a problem. */
export function renamed<Value>(formerly: string, now: Setting<Value>): Setting<Value> {
  return { ...now, formerly };
}

const whole = z
  .string()
  .regex(/^-?[0-9]+$/, { error: 'must be a whole number' })
  .transform(Number);

/** A whole number in a range, with its default; no default makes it required. */
export function integer(range: { min: number; max: number; default?: number }): Text<number> {
  const schema = whole.pipe(z.number().min(range.min).max(range.max));
  return range.default === undefined ? required(schema) : schema.default(range.default);
}

/** A TCP port; 0 lets the system choose. */
export function port(standard: number): Text<number> {
  return integer({ min: 0, max: 65_535, default: standard });
}

/** A duration in milliseconds. */
export function durationMs(range: { min: number; max: number; default: number }): Text<number> {
  return integer(range);
}

/** A text; without a default it is required and must not be empty. */
export function text(standard?: string): Text<string> {
  return standard === undefined ? required(z.string().min(1)) : z.string().default(standard);
}

/** A text that may be left out; an empty one counts as left out. */
export function optionalText(): Text<string | undefined> {
  return z
    .string()
    .optional()
    .transform((value) => (value === '' ? undefined : value));
}

/** One of these texts, exactly as written. */
export function choice<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  standard: Choices[number],
): Text<Choices[number]> {
  return z.enum(choices).default(standard);
}

/** A yes or no: true, 1, yes, on, y, enabled, or their opposites, in any case. */
export function flag(standard: boolean): Text<boolean> {
  return z.stringbool().default(standard);
}

/** Comma-separated texts, at least one. */
export function list(): Text<readonly string[]> {
  return required(z.string().transform(itemsOf).pipe(z.array(z.string()).min(1)));
}

/** Comma-separated texts, none where it is left out. */
export function optionalList(): Text<readonly string[]> {
  return z
    .string()
    .optional()
    .transform((value) => itemsOf(value ?? ''));
}

function itemsOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function required<Value>(schema: z.ZodType<Value, string>): Text<Value> {
  return z
    .custom<string | undefined>()
    .superRefine((value, context) => {
      if (value === undefined || value === '') context.addIssue({ code: 'custom', message: 'is required' });
    })
    .transform((value, context) => {
      if (value === undefined || value === '') return z.NEVER;
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      for (const issue of result.error.issues) context.addIssue({ code: 'custom', message: issue.message });
      return z.NEVER;
    });
}

/** An empty variable gives nothing, and hides nothing that was served. */
export function isGiven(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}

const NOTHING_SERVED: ServedTexts = new Map();

/**
 * Reads every setting from the environment, else from what was served; throws a ConfigError that names all problems at
 * once, each with where a bad text came from.
 */
export function readConfig<S extends Settings>(
  settings: S,
  environment: Readonly<Record<string, string | undefined>>,
  served: ServedTexts = NOTHING_SERVED,
): ConfigOf<S> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, { env, schema, about, formerly, secret: isSecret }] of Object.entries(settings)) {
    const given = environment[env];
    const elsewhere = isGiven(given) ? undefined : served.get(env);
    if (formerly !== undefined && isGiven(environment[formerly]) && !isGiven(given) && elsewhere === undefined)
      problems.push(`${formerly} means nothing any more; set ${env} in its place: ${about}`);
    const result = schema.safeParse(elsewhere?.text ?? given);
    if (result.success) values[name] = result.data;
    else {
      const where = shown(elsewhere?.text ?? given, isSecret, elsewhere?.from);
      problems.push(...result.error.issues.map((issue) => `${env} ${issue.message}${where}`));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as ConfigOf<S>; // filled from the same table
}

/** What was given, and from where unless that is the environment; of a secret only from where. */
function shown(given: string | undefined, isSecret: boolean, from: string | undefined): string {
  const parts = [
    ...(given === undefined || isSecret ? [] : [`it is ${JSON.stringify(given)}`]),
    ...(from === undefined ? [] : [`from ${from}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

export interface SettingRow {
  readonly env: string;
  readonly standard: string;
  readonly about: string;
  /** Its place is where secrets are kept. */
  readonly isSecret: boolean;
}

/** The rows of a configuration table: variable, default ("required" where it has none), purpose. */
export function describeSettings(settings: Settings): SettingRow[] {
  return Object.values(settings).map(({ env, schema, about, secret: isSecret }) => {
    const standard = schema.safeParse(undefined);
    return { env, about, isSecret, standard: standard.success ? showDefault(standard.data) : 'required' };
  });
}

function showDefault(value: unknown): string {
  const shown = listOf(value)?.join(',') ?? String(value ?? '');
  return shown === '' ? 'none' : shown;
}

/** The items of a list, or those of a set of names with a value each as `name:value`; null for anything else. */
function listOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return null;
  return Object.entries(value).map(([name, item]) => `${name}:${String(item)}`);
}
