import type { ChatRoom, TimelineMessage } from '@chat/client';
import { memo, useState } from 'react';
import { usePlayground } from '../playground.ts';
import type { Roving } from '../roving.ts';
import { clockTime } from '../words.ts';
import { Ticks, type Fate } from './ticks.tsx';

const QUICK_REACTIONS = ['👍', '❤️', '🎉'];

interface MessageProps {
  readonly message: TimelineMessage;
  /** Null where the message before is by the same one. */
  readonly author: string | null;
  readonly isOwn: boolean;
  /** Of one's own messages. */
  readonly fate: Fate | null;
  readonly room: ChatRoom;
  readonly focus: ReturnType<Roving<HTMLElement>['item']>;
}

/** A message, and what can be done to it: react, and with one's own edit and delete. */
export const Message = memo(MessageWithActions, isSame);

function MessageWithActions({ message, author, isOwn, fate, room, focus }: MessageProps) {
  const { report } = usePlayground();
  const [isEditing, setEditing] = useState(false);
  const { id, content, kind, reactions, timestamp } = message;
  const isDeleted = message.deletedAt !== null;
  if (kind === 'SYSTEM') {
    return (
      <li className="system" {...focus}>
        {content}
      </li>
    );
  }
  const toggle = (reaction: string, has: boolean) =>
    void (has ? room.unreact(id, reaction) : room.react(id, reaction)).catch(report);
  const actionTab = focus.tabIndex;

  return (
    <li className="message" data-own={isOwn} data-message-id={id} {...focus}>
      {author !== null && <p className="author">{author}</p>}
      <div className="bubble" title={`message ${id}`}>
        {isEditing ? (
          <EditForm
            content={content}
            onDone={(text) => {
              setEditing(false);
              if (text !== null && text !== content) room.edit(id, text).catch(report);
            }}
          />
        ) : (
          <p className="content">{isDeleted ? <em>deleted</em> : content}</p>
        )}
        <p className="meta">
          {message.editedAt !== null && !isDeleted && <span>edited</span>}
          <time dateTime={timestamp}>{clockTime(timestamp)}</time>
          {fate !== null && <Ticks fate={fate} />}
        </p>
        {!isDeleted && (
          <div className="actions" role="group" aria-label="Do something with this message">
            {QUICK_REACTIONS.map((reaction) => (
              <button
                key={reaction}
                type="button"
                tabIndex={actionTab}
                aria-label={`React with ${reaction}`}
                onClick={() =>
                  toggle(
                    reaction,
                    reactions.some((one) => one.content === reaction && one.isOwn),
                  )
                }
              >
                {reaction}
              </button>
            ))}
            {isOwn && (
              <>
                <button type="button" tabIndex={actionTab} onClick={() => setEditing(true)}>
                  Edit
                </button>
                <button type="button" tabIndex={actionTab} onClick={() => void room.remove(id).catch(report)}>
                  Delete
                </button>
              </>
            )}
          </div>
        )}
      </div>
      {reactions.length > 0 && (
        <ul className="reactions" aria-label="Reactions">
          {reactions.map((reaction) => (
            <li key={reaction.content}>
              <button
                type="button"
                tabIndex={actionTab}
                aria-pressed={reaction.isOwn}
                aria-label={`${reaction.content}, ${reaction.count}`}
                onClick={() => toggle(reaction.content, reaction.isOwn)}
              >
                {reaction.content} {reaction.count}
              </button>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** What a message looks like is all in its data: a burst draws only what is new. */
function isSame(before: MessageProps, after: MessageProps): boolean {
  return (
    before.message === after.message &&
    before.author === after.author &&
    before.fate === after.fate &&
    before.focus.tabIndex === after.focus.tabIndex &&
    before.room === after.room
  );
}

/** Null where the person has changed their mind. */
function EditForm({ content, onDone }: { readonly content: string; readonly onDone: (text: string | null) => void }) {
  const [text, setText] = useState(content);
  const done = () => onDone(text.trim() === '' ? null : text);
  return (
    <form
      className="edit"
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
    >
      <input
        aria-label="New text"
        ref={(field) => field?.focus()}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === 'Escape') onDone(null);
        }}
      />
      <button type="submit">Save</button>
      <button type="button" onClick={() => onDone(null)}>
        Cancel
      </button>
    </form>
  );
}
