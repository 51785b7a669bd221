import type { RoomNotificationDTO } from '@chat/dto';
import type { RestApi, Unread } from '../api.ts';
import type { ChatClientError } from '../error.ts';
import { createCell, type CallListener, type Store } from '../store.ts';
import type { Feed } from './feed.ts';
import { applyNotification, UNKNOWN_UNREAD, unreadOf } from './unread-model.ts';

export interface UnreadOptions {
  readonly notifications: Feed<RoomNotificationDTO>;
  readonly getUnread: RestApi['getUnread'];
  readonly call: CallListener;
  readonly report: (error: ChatClientError) => void;
}

/** Subscribes first, asks REST once in each session, and goes by notifications from there on. */
export function createUnread({ notifications, getUnread, call, report }: UnreadOptions): Store<Unread> {
  /** Notifications since REST was asked; null while it is not. */
  let meanwhile: RoomNotificationDTO[] | null = null;
  const ask = async () => {
    const mine: RoomNotificationDTO[] = [];
    meanwhile = mine;
    try {
      const answer = await getUnread();
      if (meanwhile === mine) cell.set(unreadOf(answer, mine));
    } catch (error) {
      report(error as ChatClientError); // all that it throws
    } finally {
      if (meanwhile === mine) meanwhile = null;
    }
  };
  const cell = createCell(UNKNOWN_UNREAD, {
    call,
    heard: () =>
      notifications.listen({
        live: () => void ask(),
        message: (notification) => {
          meanwhile?.push(notification);
          cell.set(applyNotification(cell.get(), notification));
        },
      }),
  });
  return cell;
}
