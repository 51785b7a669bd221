import { describe, expect, it } from 'vitest';
import { judgeLiveness, type LivenessState } from './liveness.ts';

const limits = { connectTimeoutMs: 5_000, idleAfterMs: 75_000, stalledAfterMs: 10_000 };
const state = (change: Partial<LivenessState>): LivenessState => ({
  now: 100_000,
  openedAt: 0,
  isConnected: true,
  lastReceivedAt: 100_000,
  lastSentAt: 100_000,
  stalledSince: null,
  sendEveryMs: 10_000,
  expectEveryMs: 10_000,
  ...change,
});
const judge = (change: Partial<LivenessState>) => judgeLiveness(state(change), limits);

describe('liveness', () => {
  it('gives a client its time to CONNECT, and no more', () => {
    expect(judge({ isConnected: false, openedAt: 95_001 })).toBe('fine');
    expect(judge({ isConnected: false, openedAt: 95_000 })).toBe('connect-overdue');
  });

  it('sends a heart-beat before the agreed time is over', () => {
    expect(judge({ lastSentAt: 90_501 })).toBe('fine');
    expect(judge({ lastSentAt: 90_500 })).toBe('send-heart-beat');
  });

  it('sends none where none was agreed', () => {
    expect(judge({ lastSentAt: 0, sendEveryMs: 0 })).toBe('fine');
  });

  it('takes twice the agreed time without a byte for a lost client', () => {
    expect(judge({ lastReceivedAt: 80_001 })).toBe('fine');
    expect(judge({ lastReceivedAt: 80_000 })).toBe('silent');
  });

  it('bears a background tab that promised no heart-beats up to the idle limit', () => {
    expect(judge({ expectEveryMs: 0, lastReceivedAt: 25_001 })).toBe('fine');
    expect(judge({ expectEveryMs: 0, lastReceivedAt: 25_000 })).toBe('silent');
  });

  it('gives a client that promised heart-beats days apart no more than the idle limit', () => {
    expect(judge({ expectEveryMs: 999_999_999, lastReceivedAt: 25_001 })).toBe('fine');
    expect(judge({ expectEveryMs: 999_999_999, lastReceivedAt: 25_000 })).toBe('silent');
  });

  it('sees a client that takes no bytes', () => {
    expect(judge({ stalledSince: 90_000 })).toBe('stalled');
    expect(judge({ stalledSince: 90_001 })).toBe('fine');
  });
});
