import { CHAT_ERRORS } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { internalDocument, publicDocument } from './documents.ts';

const operationsOf = (document: ReturnType<typeof publicDocument>) =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, ...operation })),
  );

describe('the documents of the two listeners', () => {
  const [ofPublic, ofInternal] = [operationsOf(publicDocument()), operationsOf(internalDocument())];

  it('name every operation once', () => {
    const names = [...ofPublic, ...ofInternal].map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('promise nothing of the other one', () => {
    expect(ofPublic.filter(({ path }) => !path.startsWith('/api/v1/chat/chat-rooms'))).toEqual([]);
    expect(ofInternal.filter(({ path }) => !path.startsWith('/internal/chat/'))).toEqual([]);
  });

  it('say of each that it may be away, and on the public listener that it asks who calls', () => {
    for (const { responses } of [...ofPublic, ...ofInternal]) expect(responses).toHaveProperty('503');
    for (const { responses } of ofPublic) expect(responses).toHaveProperty('401');
    for (const { responses } of ofInternal) expect(responses).not.toHaveProperty('401');
  });

  it('have a schema for everything that they refer to, and no other', () => {
    for (const document of [publicDocument(), internalDocument()]) {
      const refs = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
      expect(Object.keys(document.components.schemas).toSorted()).toEqual([...new Set(refs)].toSorted());
    }
  });

  it('know the codes of refusals that everybody knows', () => {
    const codes = [...JSON.stringify(publicDocument()).matchAll(/"code":\{"enum":(\[[^\]]+\])/g)];
    const named = new Set(codes.flatMap(([, list = '[]']) => JSON.parse(list) as string[]));
    expect([...named].filter((code) => !(code in CHAT_ERRORS))).toEqual([]);
    expect(named.size).toBeGreaterThan(15);
  });
});
