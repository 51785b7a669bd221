import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUEST_SCHEMAS } from '@chat/dto';
import { dtoContracts, recordContracts, type ContractSchema } from './contract-schemas.ts';

export const ROOT = join(import.meta.dirname, '../../../..');

/** Values of a schema by what they show. */
export type Fixtures = Readonly<Record<string, unknown>>;

/** A schema with values that its writers write, and who these are. */
export interface Contract extends ContractSchema {
  readonly fixtures: Fixtures;
  /** Requests are read by the service alone; everything else by readers of any version. */
  readonly isRequest: boolean;
}

/** A package that ships schemas, with those of today. */
export interface ContractPackage {
  /** From the root of the repository. */
  readonly folder: string;
  readonly contracts: readonly Contract[];
}

/** The packages whose schemas are released together, under one version. */
export function contractPackages(): readonly ContractPackage[] {
  return [
    packageOf('libs/dto', dtoContracts(), (name) => `libs/dto/fixtures/${name}.json`),
    packageOf('libs/kafka-contracts', recordContracts(), recordFixtures),
  ];
}

/** Values of records are DTOs; keys and headers have fixtures of their own. */
function recordFixtures(name: string, schema: ContractSchema['schema']): string {
  const dto = /^#\/\$defs\/(.+)$/.exec(String(schema['$ref']))?.[1];
  return dto === undefined ? `libs/kafka-contracts/fixtures/${name}.json` : `libs/dto/fixtures/${dto}.json`;
}

function packageOf(
  folder: string,
  schemas: readonly ContractSchema[],
  fixturesPath: (name: string, schema: ContractSchema['schema']) => string,
): ContractPackage {
  const contracts = schemas.map(({ name, schema }) => ({
    name,
    schema,
    fixtures: JSON.parse(readFileSync(join(ROOT, fixturesPath(name, schema)), 'utf8')) as Fixtures, // ours
    isRequest: name in REQUEST_SCHEMAS,
  }));
  return { folder, contracts };
}
