import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cachedFolder } from './cached-folder.ts';

let cacheDir: string;
let pin: string;
let fillCount: number;

beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'chat-cache-'));
  pin = join(cacheDir, 'pin.txt');
  writeFileSync(pin, 'one');
  fillCount = 0;
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

const get = () =>
  cachedFolder({ cacheDir, name: 'x', madeFrom: [pin] }, async (folder) => {
    fillCount += 1;
    writeFileSync(join(folder, 'made'), '');
  });

describe('a cached folder', () => {
  it('is filled once', async () => {
    const folder = await get();
    expect(await get()).toBe(folder);
    expect(existsSync(join(folder, 'made'))).toBe(true);
    expect(fillCount).toBe(1);
  });

  it('is another one when what it is made from has changed', async () => {
    const before = await get();
    writeFileSync(pin, 'two');
    expect(await get()).not.toBe(before);
  });

  it('is one folder, whole, for two runs at once', async () => {
    const [one, other] = await Promise.all([get(), get()]);
    expect(one).toBe(other);
    expect(readdirSync(one)).toEqual(['made']);
  });

  it('is not there when filling it failed, and nothing is left of it', async () => {
    const failing = cachedFolder({ cacheDir, name: 'x', madeFrom: [pin] }, () => Promise.reject(new Error('no net')));
    await expect(failing).rejects.toThrow('no net');
    expect(readdirSync(cacheDir)).toEqual(['pin.txt']);
  });
});
