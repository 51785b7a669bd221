import type { MessageName } from '@chat/database';
import {
  asMessageId,
  asRoomId,
  isClientMessageId,
  type MessageId,
  type MessageMemoryDTO,
  type MessagePassage,
  type RoomId,
  type SendAnswer,
  type UserId,
} from '@chat/dto';
import { ChatError, instantOf, type Clock } from '@chat/service-kit';
import type { Outcome } from '../broker/outcome.ts';
import type { MessageSend } from '../broker/requests.ts';

/** Answers, and passages, of one message that are told at most. */
const TOLD_MAX_COUNT = 50;

export interface MessageStoriesOptions {
  readonly instanceId: string;
  /** SENDs, and messages that came by, that are remembered. */
  readonly max: number;
  readonly clock: Clock;
}

interface Answer {
  readonly at: number;
  readonly roomId: RoomId;
  readonly senderId: UserId;
  readonly clientMessageId: string | undefined;
  readonly messageId: number;
  readonly code: string | null;
}

/** What a message that came by in the log was to this instance. */
export interface Passage {
  readonly messageId: number;
  readonly roomId: RoomId;
  readonly partition: number;
  readonly offset: number;
  readonly deliveredCount: number;
  readonly heldCount: number;
  /** 0 where it repeats none. */
  readonly repeatOf: number;
}

/** Of the SENDs that are remembered, this share is for those that were refused: a flood of them takes no other's place. */
const REFUSED_SHARE = 0.25;

/**
 * What this instance did with the last messages: how it answered those that were sent here, and to how many it handed those that came
 * by. Rings of fixed length, that of passages of columns of numbers, so that a record costs eight of them, whoever gets it; what is
 * asked for, which is seldom, is looked for from one end to the other. Holds no content.
 */
export class MessageStories {
  readonly #options: MessageStoriesOptions;
  readonly #accepted: Ring<Answer>;
  readonly #refused: Ring<Answer>;
  readonly #passages: Float64Array;
  #passageCount = 0;

  constructor(options: MessageStoriesOptions) {
    this.#options = options;
    this.#accepted = new Ring(options.max);
    this.#refused = new Ring(Math.ceil(options.max * REFUSED_SHARE));
    this.#passages = new Float64Array(COLUMNS * options.max);
  }

  /** How SENDs of messages were answered, in their order, or that all of them were refused. */
  answered(senderId: UserId, sends: readonly MessageSend[], outcomes: readonly Outcome[] | ChatError): void {
    for (const [at, { target, clientMessageId: name }] of sends.entries()) {
      const clientMessageId = name !== undefined && isClientMessageId(name) ? name : undefined; // else it may be of any length
      const about = { at: this.#options.clock.now(), roomId: target.roomId, senderId, clientMessageId };
      if (!(outcomes instanceof ChatError)) {
        this.#accepted.add({ ...about, messageId: Number(outcomes[at]?.['message-id']), code: null });
      } else if (clientMessageId !== undefined) {
        this.#refused.add({ ...about, messageId: 0, code: outcomes.code });
      } // without a name nobody can ask for it
    }
  }

  /** A message came by in the log. */
  passed({ messageId, roomId, partition, offset, deliveredCount, heldCount, repeatOf }: Passage): void {
    const columns = this.#passages;
    const from = (this.#passageCount % this.#options.max) * COLUMNS;
    columns[from] = messageId;
    columns[from + 1] = roomId;
    columns[from + 2] = partition;
    columns[from + 3] = offset;
    columns[from + 4] = deliveredCount;
    columns[from + 5] = heldCount;
    columns[from + 6] = repeatOf;
    columns[from + 7] = this.#options.clock.now();
    this.#passageCount += 1;
  }

  /** Of a message by its id, by its name, or both; newest last. */
  find(messageId: MessageId | null, name: MessageName | null): MessageMemoryDTO {
    return {
      answers: this.#findAnswers(messageId, name).slice(-TOLD_MAX_COUNT),
      passages: messageId === null ? [] : this.#findPassages(messageId).slice(-TOLD_MAX_COUNT),
    };
  }

  #findAnswers(messageId: MessageId | null, name: MessageName | null): SendAnswer[] {
    return [...this.#accepted.items, ...this.#refused.items]
      .filter((answer) => answer.messageId === messageId || isNamed(answer, name))
      .toSorted((one, other) => one.at - other.at)
      .map(({ at, roomId, senderId, clientMessageId, messageId: id, code }) => ({
        instanceId: this.#options.instanceId,
        at: instantOf(at),
        ...{ roomId, senderId },
        ...(clientMessageId !== undefined && { clientMessageId }),
        ...(id > 0 && { messageId: asMessageId(id) }),
        ...(code !== null && { code }),
      }));
  }

  #findPassages(messageId: MessageId): MessagePassage[] {
    const found: MessagePassage[] = [];
    const columns = this.#passages;
    const end = this.#passageCount;
    for (let count = Math.max(0, end - this.#options.max); count < end; count += 1) {
      const from = (count % this.#options.max) * COLUMNS;
      if (columns[from] !== messageId) continue;
      const [, roomId = 0, partition = 0, offset = 0, deliveredCount = 0, heldCount = 0, repeatOf = 0, at = 0] =
        columns.subarray(from, from + COLUMNS);
      found.push({
        instanceId: this.#options.instanceId,
        at: instantOf(at),
        roomId: asRoomId(roomId),
        ...{ partition, offset, deliveredCount, heldCount },
        ...(repeatOf > 0 && { repeatOf: asMessageId(repeatOf) }),
      });
    }
    return found;
  }
}

/** The last so many. */
class Ring<Item> {
  readonly #max: number;
  readonly #items: Item[] = [];
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** In no order. */
  get items(): readonly Item[] {
    return this.#items;
  }

  add(item: Item): void {
    this.#items[this.#count % this.#max] = item;
    this.#count += 1;
  }
}

/** Numbers of a passage. */
const COLUMNS = 8;

function isNamed(answer: Answer, name: MessageName | null): boolean {
  if (name === null || answer.clientMessageId !== name.clientMessageId) return false;
  return answer.roomId === name.roomId && answer.senderId === name.senderId;
}
