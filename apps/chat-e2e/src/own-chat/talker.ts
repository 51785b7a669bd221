import { randomUUID } from 'node:crypto';
import { eventually } from '@chat/testing';
import type { ChatDriver, GatewayIndex } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import type { Person } from '../clients/person.ts';
import { SessionEndedError, type SocketEnd, type StompSession } from '../clients/stomp-session.ts';

/** Longest that a crowd which comes at once may need to get in, and the pause of each after a refusal, in ms. */
const CONNECT_DEADLINE_MS = 20_000;
const CONNECT_AGAIN_MS = 500;

/** One SEND and what became of it. */
export interface Said {
  readonly content: string;
  readonly clientMessageId: string;
  /** From the RECEIPT; null while there is none. */
  messageId: string | null;
}

/** Somebody in a room who goes on talking, on the session that they have at the moment. */
export class Talker {
  readonly person: Person;
  readonly roomId: number;
  readonly said: Said[] = [];
  /** Refusals; there should be none. */
  readonly failures: unknown[] = [];
  readonly #session: StompSession;
  #timer: NodeJS.Timeout | undefined;

  private constructor(person: Person, roomId: number, session: StompSession) {
    this.person = person;
    this.roomId = roomId;
    this.#session = session;
  }

  /** A new member of the room, who hears it too. */
  static async open(chat: ChatDriver, roomId: number, gateway: GatewayIndex): Promise<Talker> {
    const person = await chat.newMember(roomId);
    const session = await connectAtLast(chat, person, gateway);
    await session.subscribe(`/topic/chat_rooms/${roomId}`);
    return new Talker(person, roomId, session);
  }

  get ended(): Promise<SocketEnd> {
    return this.#session.ended;
  }

  /** Says something each `everyMs` until the session ends. */
  talk(everyMs: number): void {
    this.#timer = setInterval(() => this.say(), everyMs);
    void this.ended.then(() => clearInterval(this.#timer));
  }

  say(): void {
    const clientMessageId = randomUUID();
    const said: Said = { content: marked(clientMessageId), clientMessageId, messageId: null };
    this.said.push(said);
    void this.#send(this.#session, said);
  }

  /** Says on another gateway what had no RECEIPT, under the same keys, and then something new. */
  async goOn(chat: ChatDriver, gateway: GatewayIndex): Promise<void> {
    const session = await connectAtLast(chat, this.person, gateway);
    const unanswered = this.said.filter(({ messageId }) => messageId === null);
    await Promise.all(unanswered.map((said) => this.#send(session, said)));
    const said: Said = { content: marked('back'), clientMessageId: randomUUID(), messageId: null };
    this.said.push(said);
    await this.#send(session, said);
  }

  async #send(session: StompSession, said: Said): Promise<void> {
    try {
      const headers = { 'client-message-id': said.clientMessageId };
      said.messageId = await session.sendMessage(this.roomId, said.content, headers);
    } catch (error) {
      if (!(error instanceof SessionEndedError)) this.failures.push(error);
    }
  }
}

/** As 1013 advises: a gateway asks Postgres about each who comes, which may be too much at once. */
function connectAtLast(chat: ChatDriver, person: Person, gateway: GatewayIndex): Promise<StompSession> {
  return eventually(() => chat.connect(person, gateway), {
    deadlineMs: CONNECT_DEADLINE_MS,
    everyMs: CONNECT_AGAIN_MS,
  });
}
