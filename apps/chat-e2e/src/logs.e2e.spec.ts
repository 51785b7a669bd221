import { describe, expect, inject, it } from 'vitest';
import { CONTENT_MARK } from './clients/content.ts';
import { readLogs } from './harness/log-folder.ts';
import { judgeLogs } from './harness/log-leaks.ts';

/** Runs after all other spec files, on what they made the apps say. */
describe('the logs of all apps after everything that the other tests did', () => {
  const lines = readLogs(inject('logFolder'));
  const { jwtSecret, gatewayKey } = inject('chat');
  const found = judgeLogs(lines, { contentMark: CONTENT_MARK, secrets: [jwtSecret, gatewayKey.secret] });

  it('are there', () => {
    expect(lines.length).toBeGreaterThan(10);
  });

  it('hold no token', () => {
    expect(found.tokens).toEqual([]);
  });

  it('hold no content of a message', () => {
    expect(found.contents).toEqual([]);
  });

  it('hold no secret', () => {
    expect(found.secrets).toEqual([]);
  });

  it('tell of no unhandled rejection and no uncaught exception', () => {
    expect(found.troubles).toEqual([]);
  });

  it('tell of no error where nothing was broken on purpose', () => {
    expect(found.errors.filter((line) => line.startsWith('shared'))).toEqual([]);
  });

  it('are JSON, line by line', () => {
    expect(found.noJson).toEqual([]);
  });
});
