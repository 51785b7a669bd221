import type { AppInstance } from '../apps/app-table.ts';

/** An instance with the ports it was given. */
export interface PlacedApp extends AppInstance {
  readonly ports: { readonly public: number | null; readonly internal: number };
}

/** Addresses and secrets that all apps of the stack share. */
export interface StackAddresses {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly kafkaBrokers: string;
  readonly jwtSecret: string;
  /** Origins of the pages that may call rooms-api and the gateways. */
  readonly allowedOrigins?: readonly string[];
}

/** What an app finds in its environment besides that of `npm start`. */
export function appEnvironment(app: PlacedApp, stack: StackAddresses): NodeJS.ProcessEnv {
  return {
    HOST: '127.0.0.1',
    ...(app.ports.public !== null && { PORT: String(app.ports.public) }),
    INTERNAL_PORT: String(app.ports.internal),
    ...partsEnvironment(stack),
    JWT_SECRET: stack.jwtSecret,
    ...(stack.allowedOrigins !== undefined && { ALLOWED_ORIGINS: stack.allowedOrigins.join(',') }),
  };
}

/** Where the parts of the stack are; Kafka is one broker. */
export function partsEnvironment(stack: Omit<StackAddresses, 'jwtSecret'>): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: stack.databaseUrl,
    REDIS_URL: stack.redisUrl,
    KAFKA_BROKERS: stack.kafkaBrokers,
    KAFKA_REPLICAS: '1',
  };
}
