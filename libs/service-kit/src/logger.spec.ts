import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  let line = '';
  write(createLogger('app', { level: 'info', instanceId: 'i1' }, { write: (text) => void (line = text) }));
  return JSON.parse(line) as Record<string, unknown>;
}

describe('a log line', () => {
  it('is JSON with app, instance, level and time', () => {
    expect(logged((logger) => logger.info({ count: 1 }, 'started'))).toMatchObject({
      app: 'app',
      instanceId: 'i1',
      level: 'info',
      msg: 'started',
      count: 1,
    });
  });

  it('carries neither tokens nor content', () => {
    const line = logged((logger) =>
      logger.info({ token: 't', message: { content: 'hi' }, request: { headers: { authorization: 'Bearer t' } } }, 'x'),
    );
    expect(JSON.stringify(line)).not.toMatch(/Bearer|"hi"|"t"/);
  });
});
