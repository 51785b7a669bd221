import { describe, expect, it } from 'vitest';
import { RecentMessages } from './recent-messages.ts';

const keys = (eventId: string | null, clientKey: string | null = null) => ({ eventId, clientKey });

describe('recent messages', () => {
  it('know a repeated event id', () => {
    const recent = new RecentMessages(100);
    expect(recent.observe(0, 1, keys('7'))).toBe(true);
    expect(recent.observe(0, 2, keys('7'))).toBe(false);
  });

  it('know a repeated client message id under another event id', () => {
    const recent = new RecentMessages(100);
    recent.observe(0, 1, keys('7', '1:1:a'));
    expect(recent.observe(0, 2, keys('8', '1:1:a'))).toBe(false);
    expect(recent.find(0, '1:1:a')).toEqual({ messageId: '7', offset: 1 });
  });

  it('do not mix up an event id and a client key', () => {
    const recent = new RecentMessages(100);
    recent.observe(0, 1, keys('a'));
    expect(recent.observe(0, 2, keys(null, 'a'))).toBe(true);
  });

  it('let records without keys always count', () => {
    const recent = new RecentMessages(100);
    expect(recent.observe(0, 1, keys(null))).toBe(true);
    expect(recent.observe(0, 2, keys(null))).toBe(true);
  });

  it('forget what lies more than the window behind, in offsets and not in records', () => {
    const recent = new RecentMessages(10);
    recent.observe(0, 1, keys('7'));
    expect(recent.observe(0, 11, keys('7'))).toBe(false);
    expect(recent.observe(0, 12, keys('7'))).toBe(true);
  });

  it('keep partitions apart', () => {
    const recent = new RecentMessages(10);
    recent.observe(0, 1, keys('7'));
    expect(recent.observe(1, 1, keys('7'))).toBe(true);
  });
});
