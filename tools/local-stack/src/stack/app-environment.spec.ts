import { describe, expect, it } from 'vitest';
import { APP_INSTANCES, type AppInstance } from '../apps/app-table.ts';
import { appEnvironment } from './app-environment.ts';

const stack = {
  databaseUrl: 'postgresql://x/chat',
  redisUrl: 'redis://x',
  kafkaBrokers: 'x:9092',
  jwtSecret: 'the secret',
};

function environmentOf(name: string, ports: { public: number | null; internal: number }) {
  const found = APP_INSTANCES.find((instance) => instance.name === name) as AppInstance; // the names below exist
  return appEnvironment({ ...found, ports }, stack);
}

describe('appEnvironment', () => {
  it('has the addresses of the stack and the ports of the app', () => {
    expect(environmentOf('rooms-api', { public: 8080, internal: 9080 })).toEqual({
      HOST: '127.0.0.1',
      PORT: '8080',
      INTERNAL_PORT: '9080',
      DATABASE_URL: stack.databaseUrl,
      REDIS_URL: stack.redisUrl,
      KAFKA_BROKERS: stack.kafkaBrokers,
      KAFKA_REPLICAS: '1',
      JWT_SECRET: stack.jwtSecret,
    });
  });

  it('has the origins of the pages that may call it, where there are any', () => {
    const app = { ...(APP_INSTANCES[0] as AppInstance), ports: { public: 8080, internal: 9080 } };
    const allowedOrigins = ['http://127.0.0.1:8088', 'https://chat.example'];
    expect(appEnvironment(app, { ...stack, allowedOrigins })).toMatchObject({
      ALLOWED_ORIGINS: allowedOrigins.join(','),
    });
  });

  it('has no public port for an app without a public listener', () => {
    expect(environmentOf('presence-worker', { public: null, internal: 9083 })).not.toHaveProperty('PORT');
  });
});
