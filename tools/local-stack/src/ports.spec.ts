import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Ports, takePort } from './ports.ts';

const freePorts = (taken: readonly number[], randoms: readonly number[] = [0]) => {
  const queue = [...randoms];
  return new Ports({ isFree: async (port) => !taken.includes(port), random: () => queue.shift() ?? 0.5 });
};

describe('Ports', () => {
  it('takes the wanted port when it is free', async () => {
    expect(await freePorts([]).take(8080)).toBe(8080);
  });

  it('takes another port when the wanted one is in use', async () => {
    expect(await freePorts([8080]).take(8080)).toBe(20_000);
  });

  it('passes over ports in use', async () => {
    expect(await freePorts([20_000], [0, 0.25]).take()).toBe(23_000);
  });

  it('gives no port twice, even before anybody listens on it', async () => {
    const ports = freePorts([], [0, 0, 0.25]);
    expect([await ports.take(), await ports.take()]).toEqual([20_000, 23_000]);
  });

  it('stays below the ports of outgoing connections', async () => {
    expect(await freePorts([], [0.999_999]).take()).toBeLessThan(32_768);
  });

  it('says so when nothing is free', async () => {
    const ports = new Ports({ isFree: async () => false, random: () => 0 });
    await expect(ports.take(8080)).rejects.toThrow('No free port');
  });

  it('sees a port that a real server listens on', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const used = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await new Ports().take(used)).not.toBe(used);
    server.close();
  });
});

describe('a port that people expect', () => {
  it.each([
    ['is theirs where it is free, and nothing is said', [], 8088, []],
    [
      'is another where it is taken, and they are told which',
      [8088],
      20_000,
      ['Port 8088 is taken, so it is on 20000'],
    ],
  ])('%s', async (_, taken, port, told) => {
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    expect(await takePort({ ports: freePorts(taken), wanted: 8088, name: 'it', say })).toBe(port);
    expect(said).toEqual(told);
  });
});
