import { describe, expect, it } from 'vitest';
import { ownersOf, selfTimesOf, type CpuProfile } from './cpu-profile.ts';

const node = (id: number, functionName: string, url: string) => ({
  id,
  callFrame: { functionName, url, lineNumber: 6 },
});
const profile: CpuProfile = {
  nodes: [
    node(1, '(idle)', ''),
    node(2, 'fanOut', 'file:///repo/apps/ws-gateway/dist/main.js'),
    node(3, 'fanOut', 'file:///repo/apps/ws-gateway/dist/main.js'),
    node(4, 'writev', ''),
    node(5, '', 'file:///repo/node_modules/@prisma/client/runtime/client.js'),
  ],
  samples: [1, 2, 4, 3, 5],
  timeDeltas: [900, 30, 50, 10, 10],
};

describe('a CPU profile', () => {
  it('says what share of the busy time each function took itself, wherever it was called from', () => {
    expect(selfTimesOf(profile)).toEqual([
      { name: 'writev', owner: 'node', share: 0.5 },
      { name: 'fanOut', owner: 'ours', share: 0.4 },
      { name: '(anonymous at line 7)', owner: '@prisma/client', share: 0.1 },
    ]);
  });

  it('says what each package took', () => {
    const [first, second] = ownersOf(selfTimesOf({ ...profile, samples: [2, 3, 4], timeDeltas: [1, 2, 1] }));
    expect([first, second]).toEqual([
      { owner: 'ours', share: 0.75 },
      { owner: 'node', share: 0.25 },
    ]);
  });
});
