import { expect, it } from 'vitest';
import { createAskGateways } from './ask-gateways.ts';

it('where no gateway has said where it is, nobody may say that nobody knows a message', async () => {
  const ask = createAskGateways({ list: () => Promise.resolve([]) });
  expect(await ask({ messageId: null, name: null })).toEqual({
    memories: [],
    notHeard: [{ name: 'redis', reason: 'no gateway has said where it is' }],
  });
});
