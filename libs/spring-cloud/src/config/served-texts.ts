import { ConfigError, isGiven, type ServedText, type Setting, type Settings } from '@chat/service-kit';
import { propertiesOf, uniformName, type ConfigAnswer, type Property } from './answer.ts';
import { fillPlaceholders, PlaceholderError, type LookUp } from './placeholders.ts';

type Properties = ReadonlyMap<string, Property>;

export interface Served {
  /** By variable. */
  readonly texts: ReadonlyMap<string, ServedText>;
  /** Variables that are served for, and that the environment has too: it wins. */
  readonly overruled: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The texts that a config server's answer gives to settings, by variable: a property by its relaxed name, a tree by its
 * branches. Placeholders stand for variables of the environment, else for other properties. Throws a ConfigError with every
 * placeholder that stands for nothing. A setting that the environment has gets none: what is served for it counts for
 * nothing, so that it cannot be wrong either.
 */
export function servedTextsOf(settings: Settings, answer: ConfigAnswer, environment: Environment): Served {
  const properties = propertiesOf(answer);
  const lookUp = namesIn(environment, properties);
  const texts = new Map<string, ServedText>();
  const overruled: string[] = [];
  const problems: string[] = [];
  for (const setting of Object.values(settings)) {
    const found = rawTextOf(setting, properties);
    if (found === undefined) continue;
    if (isGiven(environment[setting.env])) {
      overruled.push(setting.env);
      continue;
    }
    try {
      texts.set(setting.env, { ...found, text: fillPlaceholders(found.text, lookUp) });
    } catch (error) {
      if (!(error instanceof PlaceholderError)) throw error;
      problems.push(`${setting.env} ${error.message} (from ${found.from})`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { texts, overruled };
}

function rawTextOf({ env, tree }: Setting<unknown>, properties: Properties): ServedText | undefined {
  const own = properties.get(uniformName(env));
  if (tree === undefined) return own;
  const branches = [...properties.values()].filter(({ key }) => key.startsWith(tree.under));
  if (branches.length === 0) return own;
  const byRest = new Map(branches.map(({ key, text }) => [key.slice(tree.under.length), text]));
  const sources = new Set([...(own === undefined ? [] : [own]), ...branches].map(({ from }) => from));
  return { text: tree.toText(own?.text, byRest), from: [...sources].join(' and ') };
}

/** What a placeholder names: a variable, in any spelling of its name, else a property, in its own. */
function namesIn(environment: Environment, properties: Properties): LookUp {
  const variables = new Map(Object.entries(environment).map(([name, value]) => [uniformName(name), value]));
  const byKey = new Map(Array.from(properties.values(), ({ key, text }) => [key, text]));
  return (name) => environment[name] ?? variables.get(uniformName(name)) ?? byKey.get(name);
}
