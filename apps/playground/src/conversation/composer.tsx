import { useState, type KeyboardEvent } from 'react';
import type { Conversation } from './conversation.ts';

const CONTENT_MAX_CHARACTERS = 10_000;

interface ComposerProps {
  readonly conversation: Conversation;
  readonly label: string;
}

/** Enter sends, Shift+Enter is a new line. */
export function Composer({ conversation, label }: ComposerProps) {
  const [text, setText] = useState('');
  const { room } = conversation;
  const send = () => {
    if (text.trim() === '') return;
    void conversation.send(text);
    room.typing(false);
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        aria-label={label}
        placeholder="Write a message"
        rows={1}
        maxLength={CONTENT_MAX_CHARACTERS}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          room.typing(event.target.value !== '');
        }}
        onKeyDown={onKeyDown}
        onBlur={() => room.typing(false)}
      />
      <button type="submit" className="primary" disabled={text.trim() === ''}>
        Send
      </button>
    </form>
  );
}
