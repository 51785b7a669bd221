import type { RoomPresenceDTO, UserPresenceDTO } from '@chat/dto';
import type { OpenSubscription } from './clients/stomp-session.ts';

/** What a client knows of who is in a room, by the rules of docs/stomp.md. */
export interface PresenceKnowledge {
  readonly onlineIds: readonly number[];
  /** Of the newest frame that says it. */
  readonly onlineCount: number | null;
  readonly isComplete: boolean;
  readonly isStale: boolean;
}

/** Of the frames of a presence subscription; throws where one is older than what was told before. */
export function knowledgeOf(presence: OpenSubscription): PresenceKnowledge {
  const users = new Map<number, UserPresenceDTO>();
  let [onlineCount, isComplete, isStale]: [number | null, boolean, boolean] = [null, false, false];
  const learn = (user: UserPresenceDTO) => {
    const known = users.get(user.id)?.version ?? 0;
    if ((user.version ?? 0) < known) throw new Error(`${JSON.stringify(user)} was told after version ${known}`);
    if (user.event === 'LEFT') users.delete(user.id);
    else users.set(user.id, user);
  };
  for (const frame of presence.bodies<UserPresenceDTO | RoomPresenceDTO>()) {
    if ('id' in frame) {
      learn(frame);
      continue;
    }
    if (frame.kind === 'STATE') users.clear();
    isComplete = frame.isComplete === true || (frame.kind === 'CHANGES' && isComplete);
    ({ onlineCount } = frame);
    isStale = frame.isStale === true;
    frame.users.forEach(learn);
  }
  const online = [...users.values()].filter(({ isOnline }) => isOnline);
  return { onlineIds: online.map(({ id }) => id).sort((a, b) => a - b), onlineCount, isComplete, isStale };
}
