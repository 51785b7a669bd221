export * from './frame.ts';
export * from './limits.ts';
export * from './negotiation.ts';
export { FrameParser, HEART_BEAT, type ParserEvent } from './parser.ts';
export * from './protocol-error.ts';
export * from './serializer.ts';
