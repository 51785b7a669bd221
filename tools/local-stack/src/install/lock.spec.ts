import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, afterEach, describe, expect, it } from 'vitest';
import { lock, tryLock } from '../../bin/lock.mjs';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chat-lock-'));
  file = join(folder, 'install.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function take(): { release: () => void } {
  const result = tryLock(file);
  if ('owner' in result) throw new Error('somebody has the lock');
  return result;
}

/** A process that takes the lock and ends without giving it back. */
async function takeAndDie(): Promise<void> {
  const program = `import { tryLock } from ${JSON.stringify(join(import.meta.dirname, '../../bin/lock.mjs'))};
    tryLock(${JSON.stringify(file)});`;
  await once(spawn(process.execPath, ['--input-type=module', '-e', program]), 'exit');
}

describe('tryLock', () => {
  it('gives the lock to one at a time and names its owner', () => {
    take();
    expect(tryLock(file)).toEqual({ owner: expect.objectContaining({ pid: process.pid }) });
  });

  it('gives it again after its release', () => {
    take().release();
    expect(existsSync(file)).toBe(false);
    take();
  });

  it('takes it over from a process that has ended', async () => {
    await takeAndDie();
    expect(existsSync(file)).toBe(true);
    take();
  });

  it('takes it over when another process has got the number of its owner', () => {
    take();
    const { startedAt: _, ...owner } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...owner, startedAt: 'another boot/1' }));
    take();
  });

  it('takes over a lock that nobody can read', () => {
    writeFileSync(file, 'half a li');
    take();
  });

  it('does not remove the lock of another owner when its own was taken over', () => {
    const first = take();
    rmSync(file);
    take();
    first.release();
    expect(existsSync(file)).toBe(true);
    expect(readdirSync(folder)).toEqual(['install.lock']);
  });
});

describe('lock', () => {
  it('waits until the owner releases it, and says once for whom', async () => {
    const first = take();
    const waits: number[] = [];
    const second = lock(file, { deadlineMs: 5_000, onWait: ({ pid }) => waits.push(pid) });
    setTimeout(first.release, 300);
    (await second).release();
    expect(waits).toEqual([process.pid]);
  });

  it('gives up at its deadline', async () => {
    take();
    await expect(lock(file, { deadlineMs: 1, onWait: () => undefined })).rejects.toThrow(`Process ${process.pid}`);
  });
});
