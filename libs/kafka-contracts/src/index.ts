export * from './bytes.ts';
export { decimalOf } from './decimal.ts';
export * from './headers.ts';
export * from './message-record.ts';
export * from './partition.ts';
export * from './record.ts';
export * from './record-schemas.ts';
export * from './topics.ts';
export type { ByteRange, MessageHead } from './written-message.ts';
