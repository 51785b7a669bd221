import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { retryPassing } from './retry-passing.ts';

const brokerSays = (type: string, retriable: boolean) => Object.assign(new Error(type), { type, retriable });

describe('asking the brokers again', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('goes on until the topic is known', async () => {
    const wrapped = new Error('given up', { cause: brokerSays('UNKNOWN_TOPIC_OR_PARTITION', true) });
    const ask = vi.fn().mockRejectedValueOnce(brokerSays('NOT_LEADER_FOR_PARTITION', true));
    ask.mockRejectedValueOnce(wrapped).mockResolvedValue('known');
    const answer = retryPassing(ask, 1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(answer).resolves.toBe('known');
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it.each([brokerSays('TOPIC_AUTHORIZATION_FAILED', false), new Error('no connection')])(
    'does not ask again after %s',
    async (error) => {
      const ask = vi.fn().mockRejectedValue(error);
      await expect(retryPassing(ask, 1_000)).rejects.toBe(error);
      expect(ask).toHaveBeenCalledOnce();
    },
  );

  it('gives up at the deadline', async () => {
    const answer = retryPassing(() => Promise.reject(brokerSays('LEADER_NOT_AVAILABLE', true)), 1_000);
    const refused = expect(answer).rejects.toThrow('LEADER_NOT_AVAILABLE');
    await vi.advanceTimersByTimeAsync(1_200);
    await refused;
  });
});
