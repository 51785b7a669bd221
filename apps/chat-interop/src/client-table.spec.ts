import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseClients, CLIENTS, versionOf } from './client-table.ts';

const PROJECT_DIR = join(import.meta.dirname, '..');

describe('the clients', () => {
  it.each(CLIENTS.map((client) => [client.name, client] as const))('%s is pinned to one version', (_, client) => {
    expect(versionOf(client, PROJECT_DIR)).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('are all of them, or those named in the order of the table', () => {
    expect(chooseClients([])).toEqual(CLIENTS);
    expect(chooseClients(['spring', 'webstomp']).map(({ name }) => name)).toEqual(['webstomp', 'spring']);
  });

  it('are told to who names another', () => {
    expect(() => chooseClients(['sockjs'])).toThrow('There is no client "sockjs"; there are stompjs-5, stompjs-6,');
  });

  it('without a version in their file are refused', () => {
    const client = { ...chooseClients(['spring'])[0], pin: { file: 'package.json', before: 'nothing' } };
    expect(() => versionOf(client as never, PROJECT_DIR)).toThrow('package.json has no version behind nothing');
  });
});
