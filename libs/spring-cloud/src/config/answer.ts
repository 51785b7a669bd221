import { z } from 'zod';

/** What `GET /{application}/{profile}[/{label}]` answers; what else is in it does not concern us. */
const AnswerSchema = z.object({
  label: z.string().nullish(),
  version: z.string().nullish(),
  propertySources: z.array(
    z.object({
      name: z.string(),
      source: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    }),
  ),
});

export type ConfigAnswer = z.infer<typeof AnswerSchema>;

/** The answer of a config server; throws a sentence where it is something else. */
export function parseAnswer(body: string): ConfigAnswer {
  const answer = AnswerSchema.safeParse(jsonOf(body));
  if (answer.success) return answer.data;
  const [issue] = answer.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new TypeError(`is no answer of a config server${where}`);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // no answer of a config server either
  }
}

/** A property of the answer and the source that it comes from. */
export interface Property {
  readonly key: string;
  readonly text: string;
  readonly from: string;
}

/** What relaxed names have in common: `kafka.topic-layout`, `kafka.topicLayout` and `KAFKA_TOPIC_LAYOUT` are one. */
export function uniformName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/**
 * The properties that count, by uniform name: of a property that several sources have, that of the first (Spring's order,
 * most specific first). The items of a list, `key[0]`, `key[1]`, are one text with commas, all from one source.
 */
export function propertiesOf({ propertySources }: ConfigAnswer): ReadonlyMap<string, Property> {
  const properties = new Map<string, Property>();
  for (const { name, source } of propertySources) {
    for (const [key, text] of textsOf(source)) {
      const uniform = uniformName(key);
      if (!properties.has(uniform)) properties.set(uniform, { key, text, from: name });
    }
  }
  return properties;
}

const LIST_ITEM = /^(.+)\[[0-9]+\]$/;

function textsOf(source: ConfigAnswer['propertySources'][number]['source']): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(source)) {
    if (value === null) continue;
    const list = LIST_ITEM.exec(key)?.[1];
    const before = list === undefined ? undefined : texts.get(list);
    texts.set(list ?? key, before === undefined ? String(value) : `${before},${value}`);
  }
  return texts;
}
