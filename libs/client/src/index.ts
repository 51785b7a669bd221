export type * from '@chat/dto';
export type * from './api.ts';
export { createChatClient } from './create-chat-client.ts';
export * from './error.ts';
export { DEFAULT_LIMITS, type ChatLimits } from './limits.ts';
export { ticksOf } from './live/ticks.ts';
export type { Stop, Store } from './store.ts';
export { openTimeline } from './timeline/timeline.ts';
