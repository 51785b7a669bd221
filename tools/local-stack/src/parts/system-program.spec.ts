import { describe, expect, it } from 'vitest';
import { CHROMIUM, JAVA, missing, REDIS_SERVER } from './system-program.ts';

describe('missing', () => {
  it.each([
    ['apt', REDIS_SERVER, 'sudo apt-get update && sudo apt-get install -y redis-server'],
    ['brew', REDIS_SERVER, 'brew install redis'],
    ['apt', CHROMIUM, 'sudo apt-get update && sudo apt-get install -y chromium'],
    ['dnf', JAVA, 'sudo dnf install -y java-21-openjdk-headless'],
  ] as const)('names the command of %s that installs the program', (manager, program, command) => {
    expect(missing(program, manager).split('\n').at(-1)?.trim()).toBe(command);
  });

  it('names the program where it knows no package manager', () => {
    expect(missing(REDIS_SERVER, 'none')).toMatch(/^redis-server is not on PATH/);
  });
});
