import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLIENTS } from './client-table.ts';
import { missingLanguages } from './prepare-clients.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'chat-path-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(...programs: readonly string[]): void {
  for (const program of programs) {
    writeFileSync(join(folder, program), '');
    chmodSync(join(folder, program), 0o755);
  }
}

describe('a language', () => {
  it('that is not on this machine is named, with what it lacks', () => {
    install('python3', 'java');
    expect(missingLanguages(CLIENTS, folder)).toEqual([
      'Go is missing: not on PATH: go',
      'Java is missing: not on PATH: javac, mvn',
    ]);
  });

  it('is there when all its programs are, anywhere on the path', () => {
    install('python3', 'java', 'javac', 'mvn', 'go');
    expect(missingLanguages(CLIENTS, `/no/such/folder:${folder}`)).toEqual([]);
  });

  it('is not asked for where no client needs it', () => {
    const javaScript = CLIENTS.filter(({ language }) => language.name === 'Node');
    expect(missingLanguages(javaScript, folder)).toEqual([]);
  });
});
