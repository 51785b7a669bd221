import type { RoomNotificationDTO } from '@chat/dto';
import type { RestApi, Unread } from '../api.ts';
import { retryMs } from '../connection/backoff.ts';
import type { ChatClientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';
import { createCell, type CallListener, type Store } from '../store.ts';
import type { Feed } from './feed.ts';
import { applyNotification, UNKNOWN_UNREAD, unreadOf } from './unread-model.ts';

export interface UnreadOptions {
  readonly notifications: Feed<RoomNotificationDTO>;
  readonly getUnread: RestApi['getUnread'];
  readonly limits: ChatLimits;
  readonly call: CallListener;
  readonly report: (error: ChatClientError) => void;
}

/** Subscribes first, asks REST in each session until it answers, and goes by notifications from there on. */
export function createUnread({ notifications, getUnread, limits, call, report }: UnreadOptions): Store<Unread> {
  /** Notifications since REST was asked; null while it is not. */
  let meanwhile: RoomNotificationDTO[] | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = async (attempt = 1) => {
    const mine: RoomNotificationDTO[] = [];
    meanwhile = mine;
    const answer = await getUnread().catch((error: ChatClientError) => {
      report(error);
      if (meanwhile === mine && error.retryable)
        timer = setTimeout(() => void ask(attempt + 1), limits.retryMinMs + retryMs(attempt, limits));
    });
    if (meanwhile !== mine) return;
    meanwhile = null;
    if (answer !== undefined) cell.set(unreadOf(answer, mine));
  };
  const giveUp = () => {
    clearTimeout(timer);
    meanwhile = null;
  };
  const cell = createCell(UNKNOWN_UNREAD, {
    call,
    heard: () => {
      const stop = notifications.listen({
        live: () => void ask(),
        lost: giveUp,
        message: (notification) => {
          meanwhile?.push(notification);
          cell.set(applyNotification(cell.get(), notification));
        },
      });
      return () => {
        stop();
        giveUp();
      };
    },
  });
  return cell;
}
