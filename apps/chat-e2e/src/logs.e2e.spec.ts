import { describe, expect, inject, it } from 'vitest';
import { CONTENT_MARK } from './clients/content.ts';
import { readLogs } from './harness/log-folder.ts';

/** The first characters of every JSON Web Token: `{"alg"` or `{"typ"`. */
const TOKEN = /eyJ(hbGci|0eXAi)[A-Za-z0-9_-]{6}/;

/** Runs after all other spec files, on what they made the apps say. */
describe('the logs of all apps after everything that the other tests did', () => {
  const lines = readLogs(inject('logFolder'));
  const where = ({ file, text }: (typeof lines)[number]) => `${file}: ${text.slice(0, 500)}`;

  it('are there', () => {
    expect(lines.length).toBeGreaterThan(10);
  });

  it('hold no token', () => {
    expect(lines.filter(({ text }) => TOKEN.test(text)).map(where)).toEqual([]);
  });

  it('hold no content of a message', () => {
    expect(lines.filter(({ text }) => text.includes(CONTENT_MARK)).map(where)).toEqual([]);
  });

  it('hold no secret', () => {
    const { jwtSecret, gatewayKey } = inject('chat');
    const secrets = [jwtSecret, gatewayKey.secret];
    expect(lines.filter(({ text }) => secrets.some((secret) => text.includes(secret))).map(where)).toEqual([]);
  });

  it('tell of no unhandled rejection and no uncaught exception', () => {
    const trouble = /unhandled ?rejection|uncaught ?exception|UnhandledPromiseRejection/i;
    expect(lines.filter(({ text }) => trouble.test(text)).map(where)).toEqual([]);
  });

  it('tell of no error that nobody expected', () => {
    const isError = (text: string) => /"level":"(error|fatal)"/.test(text) || /"level":(50|60)\b/.test(text);
    const ofShared = lines.filter(({ file }) => file.startsWith('shared'));
    expect(ofShared.filter(({ text }) => isError(text)).map(where)).toEqual([]);
  });

  it('are JSON, line by line', () => {
    const isJson = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    expect(lines.filter(({ text }) => !isJson(text)).map(where)).toEqual([]);
  });
});
