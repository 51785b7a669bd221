export * from './kafka-under-test.ts';
export * from './database-under-test.ts';
export * from './tokens.ts';
export * from './redis-under-test.ts';
export * from './tcp-proxy.ts';
export * from './eventually.ts';
export * from './service-under-test.ts';
export * from './http-under-test.ts';
