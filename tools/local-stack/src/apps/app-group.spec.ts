import { describe, expect, it } from 'vitest';
import { Ports } from '../ports.ts';
import { place } from './app-group.ts';

const gateway = { name: 'ws-gateway-1', app: 'ws-gateway', publicPort: 8081, internalPort: 9081, stopWave: 1 };

const placed = (ports: Ports, said: string[], usesStandardPorts = true) =>
  place(gateway, { ports, usesStandardPorts, say: (line) => said.push(line) });

describe('the ports of an app', () => {
  it('are the usual ones where those are free, and nothing is said', async () => {
    const said: string[] = [];
    const ports = new Ports({ isFree: async () => true, random: () => 0 });
    expect((await placed(ports, said)).ports).toEqual({ public: 8081, internal: 9081 });
    expect(said).toEqual([]);
  });

  it('are others where those are taken, and the user is told which', async () => {
    const said: string[] = [];
    const ports = new Ports({ isFree: async (port) => port !== 8081, random: () => 0 });
    expect((await placed(ports, said)).ports).toEqual({ public: 20_000, internal: 9081 });
    expect(said).toEqual(['Port 8081 is taken, so ws-gateway-1 is on 20000']);
  });

  it('are never the usual ones where nobody expects them, and nothing is said', async () => {
    const said: string[] = [];
    let draw = 0;
    const ports = new Ports({ isFree: async () => true, random: () => (draw += 0.001) });
    expect((await placed(ports, said, false)).ports).toEqual({ public: 20_012, internal: 20_024 });
    expect(said).toEqual([]);
  });
});
