import { describe, expect, it } from 'vitest';
import { decideInstall, hashOf } from '../../bin/install.mjs';

const packages = {
  '': { name: 'chat-service' },
  'apps/rooms-api': { version: '0.0.0' },
  'node_modules/@chat/rooms-api': { resolved: 'apps/rooms-api', link: true },
  'node_modules/ws': { version: '8.23.0' },
  'node_modules/for-another-system': { version: '1.0.0', optional: true },
};
const { '': _root, 'node_modules/for-another-system': _other, ...installed } = packages;
const lockfile = JSON.stringify({ packages });

const state = (changes: Partial<Parameters<typeof decideInstall>[0]> = {}) => ({
  lockfile,
  stamp: hashOf(lockfile),
  installed: JSON.stringify({ packages: installed }),
  hasNode: true,
  ...changes,
});

describe('decideInstall', () => {
  it('does nothing when the stamp is that of the lockfile', () => {
    expect(decideInstall(state())).toBe('fresh');
  });

  it('installs into a fresh clone', () => {
    expect(decideInstall(state({ stamp: null, installed: null, hasNode: false }))).toBe('install');
  });

  it('installs again when an install was cut off before npm had written its own list', () => {
    expect(decideInstall(state({ installed: null }))).toBe('install');
  });

  it('installs again when install scripts were left out, and with them Node', () => {
    expect(decideInstall(state({ hasNode: false }))).toBe('install');
  });

  it('only stamps when npm itself has installed just this lockfile', () => {
    expect(decideInstall(state({ stamp: null }))).toBe('stamp');
    expect(decideInstall(state({ stamp: hashOf('{}') }))).toBe('stamp');
  });

  it('installs when the lockfile wants another version', () => {
    const wanted = { ...packages, 'node_modules/ws': { version: '8.24.0' } };
    expect(decideInstall(state({ lockfile: JSON.stringify({ packages: wanted }) }))).toBe('install');
  });

  it('installs when the lockfile wants one more package or one less', () => {
    const more = { ...packages, 'node_modules/zod': { version: '4.6.7' } };
    const { 'node_modules/ws': _ws, ...less } = packages;
    expect(decideInstall(state({ lockfile: JSON.stringify({ packages: more }) }))).toBe('install');
    expect(decideInstall(state({ lockfile: JSON.stringify({ packages: less }) }))).toBe('install');
  });
});
