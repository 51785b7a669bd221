import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig, secret } from './config.ts';
import { pemOrFile } from './pem.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const folder = mkdtempSync(join(tmpdir(), 'chat-pem-'));
const file = join(folder, 'ca.pem');
writeFileSync(file, PEM);
afterAll(() => rmSync(folder, { recursive: true }));

const read = (value?: string) => readConfig({ ca: secret('CA', pemOrFile(), 'a certificate') }, { CA: value }).ca;

describe('a certificate in the configuration', () => {
  it.each([
    ['as text', PEM, PEM],
    ['as text of one line', PEM.replaceAll('\n', String.raw`\n`), PEM],
    ['by the path of its file', file, PEM],
    ['left out', undefined, undefined],
    ['left out as an empty text', '', undefined],
  ])('may stand %s', (_, value, pem) => {
    expect(read(value)).toBe(pem);
  });

  it.each([
    ['CA names a file that cannot be read', join(folder, 'other.pem')],
    ['CA must be PEM', 'ca.pem'],
    ['CA must be PEM', 'hidden'],
  ])('is refused with "%s", and not shown', (words, value) => {
    expect(() => read(value)).toThrow(words);
    expect(() => read(value)).not.toThrow(value);
  });
});
