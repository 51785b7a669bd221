import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readIfExists, replaceFile } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'chat-files-'));
const file = join(folder, 'deep/stack.json');

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('replaceFile', () => {
  it('replaces the file by another one, so that a reader of the old one keeps a whole file', () => {
    replaceFile(file, 'old');
    const old = statSync(file).ino;
    replaceFile(file, 'new');
    expect(readIfExists(file)).toBe('new');
    expect(statSync(file).ino).not.toBe(old);
  });

  it('leaves nothing else behind, and only the owner reads a secret', () => {
    replaceFile(file, 'secret', 0o600);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['stack.json']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('readIfExists', () => {
  it('answers null for a file that does not exist', () => {
    expect(readIfExists(join(folder, 'nothing'))).toBeNull();
  });
});
