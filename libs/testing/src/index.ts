export * from './kafka-under-test.ts';
export * from './database-under-test.ts';
export * from './tokens.ts';
