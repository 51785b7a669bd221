export { ChatProvider, useChatClient, type ChatProviderProps } from './chat-context.ts';
export { useConnection, usePresence, useReceipts, useTyping, useUnread } from './live-hooks.ts';
export { useRoom, useTicks, type RoomView } from './room-hooks.ts';
export { useHistory, type HistoryView } from './history-hook.ts';
