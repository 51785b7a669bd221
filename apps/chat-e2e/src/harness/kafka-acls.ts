import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AclEntry } from 'kafkajs';

/** As kafkajs numbers them; Node cannot import them by name, since it is CommonJS and only some of its exports are found. */
const RESOURCES = { topic: 2, group: 3, 'transactional-id': 5 } as const;
const OPERATIONS: Readonly<Record<string, number>> = { Read: 3, Write: 4, Create: 5, Describe: 8, DescribeConfigs: 10 };
const PATTERNS = { literal: 3, prefixed: 4 } as const;
const ALLOW = 3;
const MANY = { type: 'string', multiple: true } as const;

/** What an app may do with a topic, a group or transactional ids. */
export interface AppRight {
  readonly app: string;
  readonly operation: string;
  readonly resource: keyof typeof RESOURCES;
  readonly name: string;
  readonly isPrefix: boolean;
}

/** The rights of the apps as `libs/kafka/acls.txt` has them: a line is what `kafka-acls.sh --add` is told. */
export function readAppRights(): readonly AppRight[] {
  const text = readFileSync(join(import.meta.dirname, '../../../../libs/kafka/acls.txt'), 'utf8');
  return text.trimEnd().split('\n').flatMap(rightsOf);
}

function rightsOf(line: string): readonly AppRight[] {
  const { values } = parseArgs({
    args: line.split(' '),
    options: {
      ...{ 'allow-principal': MANY, operation: MANY, topic: MANY, group: MANY, 'transactional-id': MANY },
      'resource-pattern-type': { type: 'string', default: 'literal' },
    },
  });
  const { 'allow-principal': principals = [], operation: operations = [] } = values;
  const isPrefix = values['resource-pattern-type'] === 'prefixed';
  const resources = (['topic', 'group', 'transactional-id'] as const).flatMap((resource) =>
    (values[resource] ?? []).map((name) => ({ resource, name, isPrefix })),
  );
  return principals.flatMap((principal) =>
    operations.flatMap((operation) =>
      resources.map((each) => ({ app: principal.replace('User:', ''), operation, ...each })),
    ),
  );
}

/** The same as kafkajs takes it, for users of other names. */
export function aclEntriesOf(rights: readonly AppRight[], userOf: (app: string) => string): AclEntry[] {
  return rights.map(({ app, operation, resource, name, isPrefix }) => ({
    principal: `User:${userOf(app)}`,
    host: '*',
    operation: OPERATIONS[operation] ?? NaN,
    permissionType: ALLOW,
    resourceType: RESOURCES[resource],
    resourceName: name,
    resourcePatternType: PATTERNS[isPrefix ? 'prefixed' : 'literal'],
  }));
}
