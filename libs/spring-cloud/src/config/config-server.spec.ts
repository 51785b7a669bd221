import { integer, port, readConfig, secret, setting, text, type ServedSettings } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { serve } from '../server-under-test.ts';
import { configServer } from './config-server.ts';

const settings = {
  port: setting('PORT', port(8080), 'port'),
  size: setting('SIZE', integer({ min: 1, max: 9 }), 'how many'),
  key: secret(
    'KEY',
    text().refine((value) => value.length > 3, { error: 'is too short' }),
    'key',
  ),
};
const app = { name: 'rooms-api', settings };

const answerOf = (...sources: Record<string, unknown>[]) =>
  JSON.stringify({
    name: 'rooms-api',
    version: 'abc123',
    propertySources: sources.map((source, at) => ({ name: `file-${at}`, source })),
  });

/** A config server that gives these answers, the last one for ever: a status, a body, or `hangs`. */
async function serverThat(...answers: (number | string | 'hangs')[]) {
  let count = 0;
  return serve((_request, response) => {
    const answer = answers[Math.min(count, answers.length - 1)];
    count += 1;
    if (answer === 'hangs') return;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
}

const read = (environment: Record<string, string>): Promise<ServedSettings> =>
  configServer.read(app, { SPRING_CONFIG_DEADLINE_MS: '2000', ...environment });

async function configOf(environment: Record<string, string>) {
  return readConfig(settings, environment, (await read(environment)).texts);
}

describe('the settings of a config server', () => {
  it('are asked for by application, profiles and label, and said to be read', async () => {
    const server = await serverThat(answerOf({ size: 3 }));
    const { note } = await read({ SPRING_CONFIG_URI: `${server.url}/base/` });
    expect(note).toEqual({
      level: 'info',
      message: 'settings read from the config server',
      fields: { asked: 'rooms-api/default', sources: ['file-0'], version: 'abc123' },
    });
    await read({
      SPRING_CONFIG_URI: server.url,
      SPRING_APPLICATION_NAME: 'chat-service',
      SPRING_PROFILES_ACTIVE: 'prod,eu',
      SPRING_CONFIG_LABEL: 'release/1',
    });
    expect(server.seen.map(({ url }) => url)).toEqual(['/base/rooms-api/default', '/chat-service/prod,eu/release(_)1']);
  });

  it('are not asked for where the environment names no server', async () => {
    expect(await read({})).toEqual({ texts: new Map(), note: null });
  });

  it('go through the same schema, and the environment wins, unless its variable is empty', async () => {
    const server = await serverThat(answerOf({ port: 1234, size: 3 }, { key: 'long enough' }));
    const environment = { SPRING_CONFIG_URI: server.url, SIZE: '5', PORT: '' };
    expect(await configOf(environment)).toMatchObject({ port: 1234, size: 5, key: 'long enough' });
    expect((await read(environment)).note).toMatchObject({ fields: { overruled: ['SIZE'] } });
  });

  it('say all their problems together, each with where it comes from, and no secret', async () => {
    const server = await serverThat(answerOf({ size: 30, key: 'abc' }));
    const problems = await configOf({ SPRING_CONFIG_URI: server.url, PORT: '-1' }).catch(
      (error: Error) => error.message,
    );
    expect(problems).toMatch(
      /PORT .*\(it is "-1"\)\n {2}SIZE .*\(it is "30", from file-0\)\n {2}KEY is too short \(from file-0\)$/,
    );
  });

  it('are asked for with the user name and password of the variables, or of the URL, which counts first', async () => {
    const server = await serverThat(answerOf({}));
    const basic = (credentials: string) => `Basic ${btoa(credentials)}`;
    const variables = { SPRING_CONFIG_USERNAME: 'chat', SPRING_CONFIG_PASSWORD: 'hunter2' };
    await read({ SPRING_CONFIG_URI: server.url, ...variables });
    await read({ SPRING_CONFIG_URI: server.url.replace('//', '//root:p%40ss@'), ...variables });
    expect(server.seen.map(({ authorization }) => authorization)).toEqual([basic('chat:hunter2'), basic('root:p@ss')]);
  });

  it('that are none are worth a warning', async () => {
    const server = await serverThat(answerOf());
    expect((await read({ SPRING_CONFIG_URI: server.url })).note).toMatchObject({ level: 'warn' });
  });
});

describe('a config server that fails', () => {
  it('is asked again while it may get better', async () => {
    const server = await serverThat(503, 429, answerOf({ size: 3 }));
    expect((await read({ SPRING_CONFIG_URI: server.url })).texts.get('SIZE')?.text).toBe('3');
  });

  it('is asked again where it has not answered in time', async () => {
    const server = await serverThat('hangs', answerOf({ size: 3 }));
    const environment = { SPRING_CONFIG_URI: server.url, SPRING_CONFIG_TIMEOUT_MS: '50' };
    expect((await read(environment)).texts.get('SIZE')?.text).toBe('3');
  });

  it('is asked once, for as long as an answer may take, where it is not to be asked again', async () => {
    const server = await serverThat(answerOf({ size: 3 }));
    const { texts } = await read({ SPRING_CONFIG_URI: server.url, SPRING_CONFIG_DEADLINE_MS: '0' });
    expect(texts.get('SIZE')?.text).toBe('3');
    const down = await serverThat(503);
    const failure = read({ SPRING_CONFIG_URI: down.url, SPRING_CONFIG_DEADLINE_MS: '0' });
    await expect(failure).rejects.toMatchObject({ message: expect.stringContaining('status 503') });
    expect(down.seen).toHaveLength(1);
  });

  it('is passed over where another answers', async () => {
    const [down, gone, up] = [await serverThat('x'), await serverThat(404), await serverThat(answerOf({ size: 3 }))];
    await down.close();
    const { texts } = await read({ SPRING_CONFIG_URI: `${down.url},${gone.url},${up.url}` });
    expect(texts.get('SIZE')?.text).toBe('3');
  });

  it('ends the start at the deadline, with every server and its reason, and no password', async () => {
    const [hanging, down] = [await serverThat('hangs'), await serverThat('x')];
    await down.close();
    const startedAt = performance.now();
    const failure = await read({
      SPRING_CONFIG_URI: `${hanging.url.replace('//', '//root:hunter2@')},${down.url}`,
      SPRING_CONFIG_TIMEOUT_MS: '60',
      SPRING_CONFIG_DEADLINE_MS: '400',
    }).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: 'SettingsUnavailableError' });
    expect(String(failure)).toContain(`${hanging.url}/rooms-api/default: no answer within`);
    expect(String(failure)).toContain(`${down.url}/rooms-api/default: connect ECONNREFUSED`);
    expect(String(failure)).not.toContain('hunter2');
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  it.each([
    [401, 'does not take the user name and password (status 401)'],
    [404, 'has no such configuration under the label main (status 404)'],
    [302, 'answers with status 302'],
    ['<html>', 'is no answer of a config server'],
  ])('is a mistake in the configuration, and not asked again, where it answers %s', async (answer, message) => {
    const server = await serverThat(answer);
    const failure = read({ SPRING_CONFIG_URI: server.url, SPRING_CONFIG_LABEL: 'main' });
    await expect(failure).rejects.toMatchObject({ name: 'ConfigError', message: expect.stringContaining(message) });
    expect(server.seen).toHaveLength(1);
  });

  it.each([404, 503, 'hangs'])(
    'that answers %s is done without where it shall not fail fast, with a warning',
    async (answer) => {
      const server = await serverThat(answer);
      const { texts, note } = await read({
        SPRING_CONFIG_URI: server.url,
        SPRING_CONFIG_FAIL_FAST: 'false',
        SPRING_CONFIG_TIMEOUT_MS: '50',
        SPRING_CONFIG_DEADLINE_MS: '100',
      });
      expect(texts.size).toBe(0);
      expect(note).toMatchObject({ level: 'warn', fields: { asked: 'rooms-api/default' } });
    },
  );

  it('is not even asked where the environment is wrong about it', async () => {
    await expect(read({ SPRING_CONFIG_URI: 'config:8888', SPRING_CONFIG_TIMEOUT_MS: 'x' })).rejects.toThrow(
      /SPRING_CONFIG_URI must be http or https URLs[\s\S]*SPRING_CONFIG_TIMEOUT_MS must be a whole number/,
    );
  });
});
