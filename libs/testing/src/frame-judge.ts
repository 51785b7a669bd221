import type { StompFrame } from '@chat/stomp';
import { openDocument } from './closed-document.ts';
import { pathMatcherOf } from './path-matcher.ts';

/** As much of an AsyncAPI document as frames and records are judged by. */
export interface JudgedMessages {
  readonly channels: Readonly<
    Record<string, { readonly address: string | null; readonly messages: Readonly<Record<string, unknown>> }>
  >;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly headers?: unknown; readonly payload?: unknown }>>;
    readonly schemas: Readonly<Record<string, unknown>>;
  };
}

/** A record of ours as its bytes say. */
export interface JudgedRecord {
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

/** Says what is wrong with a frame or a record by the document, in words; null where nothing is. */
export interface FrameJudge {
  /** Of the server. */
  received(frame: StompFrame): string | null;
  /** A SEND that the server has taken: it needs to be one of the document. */
  taken(frame: StompFrame): string | null;
  /** A record that the service wrote on a topic. */
  published(topic: string, record: JudgedRecord): string | null;
}

const UTF8 = new TextDecoder();

/** Headers and fields that the document does not name are none of a frame; schemas are compiled once. */
export function createFrameJudge(document: JudgedMessages): FrameJudge {
  const schemas = openDocument(document);
  const channels = Object.entries(document.channels).map(([name, { address, messages }]) => ({
    name,
    matches: address === null ? null : pathMatcherOf(address),
    messages: Object.keys(messages).map((message) => `${name}.${message}`),
  }));

  const errorsOf = (message: string, part: 'headers' | 'payload', value: unknown): string | null => {
    if (document.components.messages[message]?.[part] === undefined) return null;
    const validate = schemas.validatorAt(['components', 'messages', message, part]);
    return validate(value) ? null : schemas.errorsText(validate.errors, part);
  };
  const judge = (messages: readonly string[], headers: object, body: string): string | null => {
    const problems = messages.map(
      (message) => errorsOf(message, 'headers', headers) ?? errorsOf(message, 'payload', payloadOf(body)),
    );
    return problems.includes(null) ? null : problems.join(' or ');
  };
  const judgeFrame = (frame: StompFrame, messages: readonly string[] | undefined): string | null => {
    const shown = `${frame.command} ${frame.headers.map(([name, value]) => `${name}:${value}`).join(' ')}`;
    if (messages === undefined) return `${shown}: the document has no such frame`;
    const problem = judge(messages, Object.fromEntries(frame.headers.toReversed()), UTF8.decode(frame.body));
    return problem === null ? null : `${shown}: ${problem}`;
  };
  const messagesAt = (prefix: string, frame: StompFrame) => {
    const destination = frame.headers.find(([name]) => name === 'destination')?.[1] ?? '';
    return channels.find(({ name, matches }) => name.startsWith(prefix) && matches?.test(destination))?.messages;
  };

  return {
    received: (frame) => {
      if (frame.command === 'MESSAGE') return judgeFrame(frame, messagesAt('subscribe-', frame));
      const name = `session.${frame.command}`;
      return judgeFrame(frame, name in document.components.messages ? [name] : undefined);
    },
    taken: (frame) => {
      const messages = messagesAt('send-', frame);
      return frame.body.length === 0 && messages !== undefined ? null : judgeFrame(frame, messages);
    },
    published: (topic, { headers, value }) => {
      const problem = judge([`topic-${topic}.Record`], headers, value);
      return problem === null ? null : `a record on ${topic}: ${problem}`;
    },
  };
}

/** JSON where it is some, else the text. */
function payloadOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
