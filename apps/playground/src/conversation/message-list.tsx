import { ticksOf, type TimelineMessage } from '@chat/client';
import { Fragment, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { usePlayground } from '../playground.ts';
import { useRoving } from '../roving.ts';
import type { Session } from '../session/session.ts';
import { useStore } from '../store.ts';
import type { Conversation, FailedSend } from './conversation.ts';
import { Message } from './message.tsx';
import { Ticks } from './ticks.tsx';

/** So near to the end, in CSS pixels, the list follows what comes; so near to the start it loads more. */
const NEAR_PX = 48;

interface MessageListProps {
  readonly session: Session;
  readonly conversation: Conversation;
  readonly nameOf: (userId: number) => string;
  readonly marksRead: boolean;
}

/** What was said, in the order of the room; what is on its way stands below. */
export function MessageList({ session, conversation, nameOf, marksRead }: MessageListProps) {
  const { room } = conversation;
  const { report } = usePlayground();
  const { messages, hasOlder, isLoadingOlder, room: state } = useStore(conversation.timeline);
  const recovered = useStore(conversation.recovered);
  const receipts = useStore(room.receipts);
  const outgoing = useStore(room.outbox).filter(({ kind }) => kind === 'TEXT');
  const failures = useStore(conversation.failures);
  const ticks = useMemo(() => ticksOf(messages, receipts, session.userId), [messages, receipts, session.userId]);
  const roving = useRoving<HTMLOListElement>(
    messages.map(({ id }) => String(id)),
    'last',
  );
  const lastId = messages.at(-1)?.id;
  const { scroller, isAtEnd, onScroll, toEnd } = useScroll(messages, outgoing.length, () => {
    if (hasOlder && state.name === 'live') conversation.loadOlder().catch(report);
  });
  useReading({ conversation, messages, ownId: session.userId, isReading: marksRead && state.name === 'live' });

  return (
    <div className="messages-frame">
      <div className="messages" ref={scroller} onScroll={onScroll}>
        <Beginning
          hasOlder={hasOlder}
          isLoading={isLoadingOlder}
          onMore={() => void conversation.loadOlder().catch(report)}
        />
        <div role="log" aria-live="polite" aria-label="Messages">
          <ol {...roving.container}>
            {messages.map((message, index) => (
              <Fragment key={message.id}>
                {recovered.has(message.id) && !recovered.has(messages[index - 1]?.id ?? 0) && (
                  <li className="divider">came while you were away</li>
                )}
                <Message
                  message={message}
                  author={authorOf(messages, index, nameOf)}
                  isOwn={message.senderId === session.userId}
                  fate={ticks.get(message.id) ?? null}
                  room={room}
                  focus={roving.item(String(message.id))}
                />
              </Fragment>
            ))}
          </ol>
        </div>
        <ul className="outgoing" aria-label="On the way">
          {outgoing.map(({ clientMessageId, content, state: way }) => (
            <li key={clientMessageId} className="message" data-own="true">
              <div className="bubble">
                <p className="content">{content}</p>
                <p className="meta">
                  <Ticks fate={way === 'queued' ? 'QUEUED' : 'SENDING'} />
                </p>
              </div>
            </li>
          ))}
          {failures.map((failed) => (
            <Failure key={failed.clientMessageId} failed={failed} conversation={conversation} />
          ))}
        </ul>
      </div>
      {!isAtEnd && lastId !== undefined && (
        <button type="button" className="to-end" onClick={toEnd}>
          ↓ Newest
        </button>
      )}
    </div>
  );
}

interface BeginningProps {
  readonly hasOlder: boolean;
  readonly isLoading: boolean;
  readonly onMore: () => void;
}

/** What stands before the first message. Whoever is on it by keyboard stays there while more is loaded, and when there is no more. */
function Beginning({ hasOlder, isLoading, onMore }: BeginningProps) {
  const hasFocus = useRef(false);
  const start = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    if (!hasOlder && hasFocus.current) start.current?.focus();
  }, [hasOlder]);
  if (!hasOlder) {
    return (
      <p className="start" ref={start} tabIndex={-1}>
        This is where the room begins.
      </p>
    );
  }
  return (
    <button
      type="button"
      className="earlier"
      aria-disabled={isLoading} // a button that is disabled would lose the focus
      onFocus={() => (hasFocus.current = true)}
      onBlur={() => (hasFocus.current = false)}
      onClick={isLoading ? undefined : onMore}
    >
      Earlier messages
    </button>
  );
}

function authorOf(messages: readonly TimelineMessage[], index: number, nameOf: (userId: number) => string) {
  const [before, message] = [messages[index - 1], messages[index]];
  if (message === undefined || (before?.senderId === message.senderId && before.kind === 'TEXT')) return null;
  return nameOf(message.senderId);
}

function Failure({ failed, conversation }: { readonly failed: FailedSend; readonly conversation: Conversation }) {
  return (
    <li className="message" data-own="true" data-failed="true">
      <div className="bubble">
        <p className="content">{failed.content}</p>
        <p className="meta">{failed.reason}</p>
        <div className="actions">
          <button type="button" onClick={() => void conversation.sendAgain(failed)}>
            Send again
          </button>
          <button type="button" onClick={() => conversation.dismiss(failed)}>
            Give up
          </button>
        </div>
      </div>
    </li>
  );
}

/** Follows the end while the person is there, keeps their place otherwise, and asks for more at the start. */
function useScroll(messages: readonly TimelineMessage[], outgoingCount: number, onStart: () => void) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const before = useRef<{ readonly firstId: number | undefined; readonly height: number }>({
    firstId: undefined,
    height: 0,
  });
  const firstId = messages[0]?.id;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const { firstId: formerId, height } = before.current;
    if (isAtEnd) element.scrollTop = element.scrollHeight;
    else if (formerId !== undefined && formerId !== firstId) element.scrollTop += element.scrollHeight - height;
    before.current = { firstId, height: element.scrollHeight };
  }, [messages, outgoingCount, firstId, isAtEnd]);
  return {
    scroller,
    isAtEnd,
    onScroll() {
      const element = scroller.current;
      if (element === null) return;
      setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX);
      if (element.scrollTop < NEAR_PX && element.scrollHeight > element.clientHeight) onStart();
    },
    toEnd() {
      scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
    },
  };
}

interface Reading {
  readonly conversation: Conversation;
  readonly messages: readonly TimelineMessage[];
  readonly ownId: number;
  readonly isReading: boolean;
}

/** Marks what others wrote as read, up to the last of it. */
function useReading({ conversation, messages, ownId, isReading }: Reading): void {
  const { report } = usePlayground();
  const lastId = messages.findLast(({ senderId, kind }) => senderId !== ownId && kind === 'TEXT')?.id;
  useEffect(() => {
    if (isReading && lastId !== undefined) conversation.room.markRead(lastId).catch(report);
  }, [conversation, lastId, isReading, report]);
}
