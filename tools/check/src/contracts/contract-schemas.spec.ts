import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as dto from '@chat/dto';
import { decodeMessageRecord, decodeRecord, TOPIC_NAMES } from '@chat/kafka-contracts';
import { hostileMessageRecords } from '@chat/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dtoContracts, recordContracts } from './contract-schemas.ts';
import { contractPackages, ROOT } from './contracts.ts';
import { uncoveredBy } from './uncovered.ts';
import { validatorOf } from './validator.ts';

const ALL = contractPackages().flatMap(({ contracts }) => contracts);

describe('the table of DTOs', () => {
  const tabled = new Set<unknown>(Object.values(dto.DTO_SCHEMAS));

  it('has every schema of an object that the library exports, under its own name', () => {
    const objects = Object.entries(dto).filter(
      ([name, value]) => name.endsWith('Schema') && value instanceof z.ZodObject,
    );
    expect(objects.filter(([, schema]) => !tabled.has(schema)).map(([name]) => name)).toEqual([]);
    for (const [name, schema] of Object.entries(dto.DTO_SCHEMAS)) {
      expect(dto[`${name}Schema` as keyof typeof dto]).toBe(schema);
    }
  });

  it('gives one schema one name', () => {
    const twice = { One: dto.MessageDTOSchema, Other: dto.MessageDTOSchema };
    expect(() => dto.jsonSchemasOf(twice, (name) => name)).toThrow('Other and One are one schema');
  });
});

describe.each(contractPackages().map(({ folder, contracts }) => [folder, contracts] as const))(
  '%s',
  (folder, contracts) => {
    it('ships a file of each schema and no other', () => {
      const files = readdirSync(join(ROOT, folder, 'schemas')).toSorted();
      expect(files).toEqual(contracts.map(({ name }) => `${name}.schema.json`).toSorted());
    });
  },
);

describe.each(ALL.map((contract) => [contract.name, contract] as const))(
  'the JSON Schema of %s',
  (_, { schema, fixtures }) => {
    const problemOf = validatorOf(schema);

    it('has a name of its own and says what it is', () => {
      expect(schema['$id']).toMatch(/^urn:chat:(dto|topic):/);
      expect(JSON.stringify(schema)).toContain('"description"');
    });

    it.each(Object.entries(fixtures))('takes %s', (_, value) => {
      expect(problemOf(value)).toBeNull();
    });

    it('has fixtures that show every field and every value', () => {
      expect(uncoveredBy(schema, Object.values(fixtures))).toEqual([]);
    });

    it('takes fields that a later version adds', () => {
      for (const value of Object.values(fixtures)) {
        if (typeof value === 'object') expect(problemOf({ ...value, addedLater: { a: [1] } })).toBeNull();
      }
    });
  },
);

/** Values beside a good one: each field left out, and each given what it may not be, or at its limit. */
function neighboursOf(value: object): readonly object[] {
  const odd = [
    null,
    0,
    -1,
    1.5,
    '',
    'x',
    'NEW_NAME',
    '\u0000',
    true,
    [],
    {},
    2 ** 53,
    '2025-02-29T00:00:00Z',
    'x'.repeat(10_001),
  ];
  return Object.keys(value).flatMap((field) => {
    const { [field]: _, ...without } = value as Record<string, unknown>;
    return [without, ...odd.map((other) => ({ ...value, [field]: other }))];
  });
}

/** What only the JSON Schema lets pass: the name of a later version in an open set. */
function isOfLaterVersion(value: object): boolean {
  return JSON.stringify(value).includes('"NEW_NAME"');
}

describe.each(Object.entries(dto.DTO_SCHEMAS))('the JSON Schema of %s', (name, zod) => {
  const contract = ALL.find((one) => one.name === name);
  const problemOf = validatorOf(contract?.schema ?? {});
  const values = Object.values(contract?.fixtures ?? {}) as object[]; // no DTO is anything else

  it('agrees with the schema that validates here', () => {
    const disagreed = values
      .flatMap((value) => [value, ...neighboursOf(value)])
      .filter((value) => !isOfLaterVersion(value) && !saysMoreThanJsonSchema(zod, value))
      .filter((value) => zod.safeParse(value).success !== (problemOf(value) === null));
    expect(disagreed).toEqual([]);
  });
});

/** Limits of free JSON in bytes and depth, and NUL inside it. */
function saysMoreThanJsonSchema(zod: z.ZodType, value: object): boolean {
  const issues = zod.safeParse(value).error?.issues ?? [];
  return (
    issues.length > 0 &&
    issues.every(({ code, path }) => code === 'custom' && ['metadata', 'payload'].includes(String(path[0])))
  );
}

describe('a value of an open set that a later version added', () => {
  const [value] = Object.values(ALL.find(({ name }) => name === 'MessageDTO')?.fixtures ?? {});
  const later = { ...(value as object), kind: 'POLL' };

  it('passes by the JSON Schemas', () => {
    for (const name of ['MessageDTO', 'HistoryMessageDTO', 'chat-messages.value']) {
      expect(validatorOf(ALL.find((one) => one.name === name)?.schema ?? {})(later)).toBeNull();
    }
  });

  it('is a record to pass over, not an exception', () => {
    const decoded = decodeRecord('chat-messages', new TextEncoder().encode(JSON.stringify(later)));
    expect(decoded).toEqual({ ok: false, reason: expect.stringMatching(/^kind: /) });
  });
});

describe('the JSON Schema of records of chat-messages', () => {
  const problemOf = validatorOf(recordContracts().find(({ name }) => name === 'chat-messages.value')?.schema ?? {});

  it('agrees with the verdict on whether a record counts, but for place and lone surrogates', () => {
    fc.assert(
      fc.property(hostileMessageRecords(), ({ value, headers }) => {
        const json = jsonOf(value);
        if (json === undefined || hasLoneSurrogate(json) || isOfUnknownKind(json)) return;
        const key = Buffer.from(String((json as { roomId?: unknown } | null)?.roomId));
        const counts = decodeMessageRecord({ key, value, headers }, 0, 1).ok;
        expect([problemOf(json), json]).toEqual([counts ? null : expect.any(String), json]);
      }),
      { numRuns: 3_000 },
    );
  });
});

function jsonOf(value: Uint8Array | null): unknown {
  try {
    return value === null ? undefined : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch {
    return undefined; // the codec says that it is none
  }
}

function hasLoneSurrogate(json: unknown): boolean {
  return json !== null && typeof json === 'object' && 'content' in json && !String(json.content).isWellFormed();
}

function isOfUnknownKind(json: unknown): boolean {
  return json !== null && typeof json === 'object' && 'kind' in json && json.kind === 'OTHER';
}

describe('schemas of records', () => {
  it('are there for key, value and headers of every topic, and for headers of dead letters', () => {
    const expected = TOPIC_NAMES.flatMap((topic) => ['key', 'value', 'headers'].map((part) => `${topic}.${part}`));
    expect(recordContracts().map(({ name }) => name)).toEqual([...expected, 'dlq.headers']);
    expect(
      dtoContracts()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(Object.keys(dto.DTO_SCHEMAS).toSorted());
  });
});
