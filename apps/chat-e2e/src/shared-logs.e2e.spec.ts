import { describe, expect, inject, it } from 'vitest';
import { CONTENT_MARK } from './clients/content.ts';
import { readLogs } from './harness/log-folder.ts';
import { judgeLogs } from './harness/log-leaks.ts';

/** Runs after all other spec files; nothing is broken on purpose in the chat that they share. */
describe('the logs of the shared chat', () => {
  const lines = readLogs(inject('logFolder')).filter(({ file }) => file.startsWith('shared'));

  it('are there, and tell of no error', () => {
    expect(lines.length).toBeGreaterThan(10);
    expect(judgeLogs(lines, { contentMark: CONTENT_MARK, secrets: [] }).errors).toEqual([]);
  });
});
