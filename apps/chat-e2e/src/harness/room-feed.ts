/** How gateways get `chat-messages` in this run: `ROOM_FEED` of its environment, else as is their default. */
export function roomFeedEnv({ ROOM_FEED }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return ROOM_FEED === undefined ? {} : { ROOM_FEED };
}
