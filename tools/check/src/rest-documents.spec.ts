import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { describedDocument } from './rest-documents.ts';

const documentOf = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8')) as Record<string, unknown>; // ours

describe.each(['openapi.json', 'openapi-internal.json'])('docs/%s', (name) => {
  it('is an OpenAPI document of version 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(documentOf(name))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });
});

describe('the OpenAPI document', () => {
  it('has the words of the comments in the sources, and leaves what is no DTO as it is', () => {
    const schemas = { ChatRoomDTO: {}, Problem: { type: 'object' } };
    const { components } = describedDocument({ components: { schemas } });
    expect(components.schemas.ChatRoomDTO).toHaveProperty('description', expect.stringContaining('A room.'));
    expect(components.schemas.Problem).toEqual({ type: 'object' });
  });
});
