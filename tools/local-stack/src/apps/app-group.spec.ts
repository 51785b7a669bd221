import { describe, expect, it } from 'vitest';
import { Ports } from '../ports.ts';
import { place } from './app-group.ts';

const gateway = { name: 'ws-gateway-1', app: 'ws-gateway', publicPort: 8081, internalPort: 9081, stopWave: 1 };

describe('the ports of an app', () => {
  it('are the usual ones where those are free, and nothing is said', async () => {
    const said: string[] = [];
    const ports = new Ports({ isFree: async () => true, random: () => 0 });
    expect((await place(gateway, ports, (line) => said.push(line))).ports).toEqual({ public: 8081, internal: 9081 });
    expect(said).toEqual([]);
  });

  it('are others where those are taken, and the user is told which', async () => {
    const said: string[] = [];
    const ports = new Ports({ isFree: async (port) => port !== 8081, random: () => 0 });
    expect((await place(gateway, ports, (line) => said.push(line))).ports).toEqual({ public: 20_000, internal: 9081 });
    expect(said).toEqual(['Port 8081 is taken, so ws-gateway-1 is on 20000']);
  });
});
