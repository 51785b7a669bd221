import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DTO_SCHEMAS, jsonSchemasOf, type JsonSchema } from '@chat/dto';
import { deadLetterHeadersSchema, recordSchemasOf, TOPIC_NAMES } from '@chat/kafka-contracts';
import { docCommentsOf, type DocComment } from './doc-comments.ts';

/** A JSON Schema that a package ships in its folder `schemas`. */
export interface ContractSchema {
  /** `MessageDTO`, `chat-messages.value`; the file is this and `.schema.json`. */
  readonly name: string;
  readonly schema: JsonSchema;
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const DTO_SOURCES = join(import.meta.dirname, '../../../../libs/dto/src');

/** JSON Schema of every DTO by name, with what the comments say; one inside another is a `$ref` that `refTo` makes. */
export function describedDtoSchemas(refTo: (name: string) => string): Readonly<Record<string, JsonSchema>> {
  const comments = dtoComments();
  const schemas = Object.entries(jsonSchemasOf(DTO_SCHEMAS, refTo));
  return Object.fromEntries(schemas.map(([name, schema]) => [name, described(schema, comments[name])]));
}

/** What `@chat/dto` ships: each DTO for itself, with all that it needs in `$defs`. */
export function dtoContracts(): readonly ContractSchema[] {
  const all = describedDtoSchemas(refToDefinition);
  return Object.entries(all).map(([name, schema]) => ({
    name,
    schema: standingAlone({ $id: `urn:chat:dto:${name}`, title: name }, schema, all),
  }));
}

/** What `@chat/kafka-contracts` ships: key, value and headers of the records of each topic, and headers of dead letters. */
export function recordContracts(): readonly ContractSchema[] {
  const all = describedDtoSchemas(refToDefinition);
  const ofTopics = TOPIC_NAMES.flatMap((topic) =>
    Object.entries(recordSchemasOf(topic, refToDefinition)).map(([part, schema]: [string, JsonSchema]) => ({
      name: `${topic}.${part}`,
      schema: standingAlone({ $id: `urn:chat:topic:${topic}:${part}`, title: `${part} on ${topic}` }, schema, all),
    })),
  );
  const deadLetters = { $id: 'urn:chat:topic:dlq:headers', title: 'headers on <topic>.dlq' };
  return [...ofTopics, { name: 'dlq.headers', schema: standingAlone(deadLetters, deadLetterHeadersSchema(), all) }];
}

const refToDefinition = (name: string) => `#/$defs/${name}`;

function standingAlone(head: JsonSchema, schema: JsonSchema, all: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const needed = neededBy(schema, all);
  const definitions = Object.fromEntries([...needed].toSorted().map((name) => [name, all[name]]));
  return { $schema: DIALECT, ...head, ...schema, ...(needed.size > 0 && { $defs: definitions }) };
}

/** Names of all definitions that a schema and these themselves refer to. */
function neededBy(schema: JsonSchema, all: Readonly<Record<string, JsonSchema>>): ReadonlySet<string> {
  const needed = new Set<string>();
  const waiting: unknown[] = [schema];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === null || typeof part !== 'object') continue;
    waiting.push(...Object.values(part));
    const name = '$ref' in part ? String(part.$ref).replace(refToDefinition(''), '') : null;
    if (name === null || needed.has(name)) continue;
    needed.add(name);
    waiting.push(all[name]);
  }
  return needed;
}

function described(schema: JsonSchema, comment: DocComment | undefined): JsonSchema {
  if (comment === undefined) return schema;
  const { properties, ...rest } = schema as { readonly properties: Readonly<Record<string, JsonSchema>> }; // of an object
  const fields = Object.entries(properties).map(([name, field]) => [name, withWords(field, comment.fields[name])]);
  return { ...withWords({}, comment.about), ...rest, properties: Object.fromEntries(fields) };
}

function withWords(schema: JsonSchema, words = ''): JsonSchema {
  const description = [words, schema['description']].filter(Boolean).join(' ');
  return description === '' ? schema : { ...schema, description };
}

function dtoComments(): Readonly<Record<string, DocComment>> {
  const files = readdirSync(DTO_SOURCES).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  return Object.assign({}, ...files.map((file) => docCommentsOf(readFileSync(join(DTO_SOURCES, file), 'utf8'))));
}
