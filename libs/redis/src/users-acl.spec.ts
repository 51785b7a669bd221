import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** For a tool that looks at the server, as somebody else than an app. */
const NOT_OF_APPS = 'redis-sight.ts';
/** What is of ioredis itself and no command. */
const NOT_ASKED_FOR = ['on', 'once', 'connect', 'disconnect', 'request', 'check', 'runscript', 'start', 'stop'];

const lines = readFileSync(join(import.meta.dirname, '../users.acl'), 'utf8')
  .trimEnd()
  .split('\n');
const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && file !== NOT_OF_APPS,
);

function commandsIn(file: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  const found = text.matchAll(/redis\.call\('([A-Za-z]+)'|(?:\bredis|#redis|#subscriber)\.([a-zA-Z]+)\(/g);
  return [...found].map(([, inScript, direct]) => (inScript ?? direct ?? '').toLowerCase());
}

describe('the rules for the users of Redis', () => {
  it('are of each app that uses it, and no user has a password in them', () => {
    expect(
      lines.map((line) => /^user ([a-z-]+) on resetpass resetkeys resetchannels -@all \+/.exec(line)?.[1]),
    ).toEqual([...['rooms-api', 'ws-gateway', 'presence-worker']]);
  });

  it('have every command that this library uses, and no other but what a connection begins with', () => {
    const granted = new Set(lines.flatMap((line) => [...line.matchAll(/\+([a-z|]+)/g)].map(([, command]) => command)));
    const used = new Set(sources.flatMap(commandsIn).filter((command) => !NOT_ASKED_FOR.includes(command)));
    expect(granted).toEqual(new Set([...used, 'select', 'client|setname']));
  });

  it('name no key, channel or command by a pattern for all', () => {
    expect(lines.join(' ')).not.toMatch(/[~&]\*|\+@|allkeys|allcommands|allchannels|nopass/);
  });
});
