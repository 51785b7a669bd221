import { TEST_JWT_SECRET } from '@chat/testing';
import { describe, expect, inject, it } from 'vitest';
import { CONTENT_MARK } from './clients/content.ts';
import { readLogs, readSecrets } from './harness/log-folder.ts';
import { judgeLogs } from './harness/log-leaks.ts';
import { GATEWAY_KEY } from './harness/start-chat.ts';

/** Runs after all other spec files of its run, on what they made the apps say. */
describe('the logs of all apps after everything that the other tests did', () => {
  const lines = readLogs(inject('logFolder'));
  const passwords = readSecrets(inject('logFolder'));
  const secrets = [TEST_JWT_SECRET, GATEWAY_KEY.secret, ...passwords];
  const found = judgeLogs(lines, { contentMark: CONTENT_MARK, secrets });

  it('are there', () => {
    expect(lines.length).toBeGreaterThan(10);
  });

  it('hold no token', () => {
    expect(found.tokens).toEqual([]);
  });

  it('hold no content of a message', () => {
    expect(found.contents).toEqual([]);
  });

  it('hold no secret: no key, and no password of an app for Postgres, Redis or Kafka', () => {
    expect(passwords.length).toBeGreaterThan(0);
    expect(found.secrets).toEqual([]);
  });

  it('tell of no unhandled rejection and no uncaught exception', () => {
    expect(found.troubles).toEqual([]);
  });

  it('tell of nothing that an app was denied: their logins have what each needs, and no more', () => {
    expect(found.denials).toEqual([]);
  });

  it('are JSON, line by line', () => {
    expect(found.noJson).toEqual([]);
  });
});
