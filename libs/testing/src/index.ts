export * from './kafka-under-test.ts';
