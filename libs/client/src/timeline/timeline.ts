import type { ChatClient, Timeline, TimelineOptions } from '../api.ts';

/** A room as a screen shows it, from its last texts on. */
export function openTimeline(_client: ChatClient, _roomId: number, _options: TimelineOptions = {}): Timeline {
  throw new Error('not built yet');
}
