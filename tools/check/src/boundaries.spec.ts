import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../..', import.meta.url).pathname;
/** Nx reads the whole workspace once before it can judge an import, in ms. */
const FIRST_LOOK_MS = 90_000;

/** The rules of the workspace over files that do not exist; rules that need types are off, since no program knows them. */
const eslint = new ESLint({
  cwd: ROOT,
  overrideConfig: [
    {
      files: ['**/*.ts', '**/*.tsx'],
      languageOptions: { parserOptions: { projectService: false } },
      rules: { '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/no-misused-promises': 'off' },
    },
  ],
});

async function refusalsOf(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: `${ROOT}${filePath}` });
  return (result?.messages ?? []).flatMap(({ ruleId }) => (ruleId === null ? ['could not be read'] : [ruleId]));
}

const BOUNDARY = '@nx/enforce-module-boundaries';

describe('the borders of the workspace', { timeout: FIRST_LOOK_MS }, () => {
  it.each([
    ['an app imports a client library of the infrastructure', 'apps/rooms-api/src/x.ts', "import 'kafkajs';"],
    ['an app imports another app', 'apps/rooms-api/src/x.ts', "import '../../ws-gateway/src/config.ts';"],
    ['an app imports what is for tests', 'apps/rooms-api/src/x.ts', "import '@chat/testing';"],
    ['contracts import infrastructure', 'libs/dto/src/x.ts', "import '@chat/kafka';"],
    ['contracts import another package than zod', 'libs/dto/src/x.ts', "import 'pino';"],
    ['the codec imports contracts', 'libs/stomp/src/x.ts', "import '@chat/dto';"],
    ['the codec imports a package', 'libs/stomp/src/x.ts', "import 'zod';"],
    ['one infrastructure library imports another', 'libs/redis/src/x.ts', "import '@chat/kafka';"],
    ['Redis code imports the Kafka client', 'libs/redis/src/x.ts', "import 'kafkajs';"],
    ['the kit imports infrastructure', 'libs/service-kit/src/x.ts', "import '@chat/redis';"],
    ['the page imports what runs in Node', 'apps/playground/src/x.tsx', "import '@chat/stomp';"],
    ['the page imports another package than react', 'apps/playground/src/x.ts', "import '@stomp/stompjs';"],
    ['a spec reaches around its layer', 'libs/stomp/src/x.spec.ts', "import '@chat/kafka';"],
    ['end-to-end tests import the code they test', 'apps/chat-e2e/src/x.ts', "import '@chat/kafka';"],
  ])('refuse that %s', async (_, filePath, code) => {
    expect(await refusalsOf(filePath, code)).toContain(BOUNDARY);
  });

  it.each([
    ['an app imports a library', 'apps/rooms-api/src/x.ts', "import '@chat/kafka';"],
    ['the page imports the SDK', 'apps/playground/src/x.tsx', "import '@chat/client';\nimport 'react-dom/client';"],
    ['the Kafka library imports its client', 'libs/kafka/src/x.ts', "import 'kafkajs';"],
    ['the publisher is put under faults', 'apps/chat-e2e/src/faults/publisher/x.ts', "import '@chat/kafka';"],
    ['a spec imports what is for tests', 'libs/kafka/src/x.spec.ts', "import '@chat/testing';\nimport 'vitest';"],
  ])('allow that %s', async (_, filePath, code) => {
    expect(await refusalsOf(filePath, code)).toEqual([]);
  });

  it.each([
    ['the broker knows the transport', 'apps/ws-gateway/src/broker/x.ts', "import '../transport/connection.ts';"],
    ['the session knows the transport', 'apps/ws-gateway/src/stomp/session.ts', "import '../transport/connection.ts';"],
    ['an app reaches behind the index of a library', 'apps/rooms-api/src/x.ts', "import '@chat/database/connection';"],
    ['a decision does I/O', 'apps/presence-worker/src/transition.ts', "import '@chat/redis';"],
  ])('refuse that %s', async (_, filePath, code) => {
    expect(await refusalsOf(filePath, code)).toContain('no-restricted-imports');
  });

  it('refuse that the environment is read outside of config.ts', async () => {
    expect(await refusalsOf('apps/rooms-api/src/x.ts', 'export const port = process.env.PORT;')).toContain(
      'no-restricted-properties',
    );
  });
});
