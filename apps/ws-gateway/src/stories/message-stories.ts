import type { MessageName } from '@chat/database';
import {
  asMessageId,
  asRoomId,
  type MessageId,
  type MessageMemoryDTO,
  type MessagePassage,
  type RoomId,
  type SendAnswer,
  type UserId,
} from '@chat/dto';
import { instantOf, toChatError, type Clock } from '@chat/service-kit';
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

/**
 * What this instance did with the last messages: how it answered those that were sent here, and to how many it handed those that came
 * by. Rings of fixed length, the second of columns of numbers, so that a record costs eight of them, whoever gets it; what is asked
 * for, which is seldom, is looked for from one end to the other. Holds no content.
 */
export class MessageStories {
  readonly #options: MessageStoriesOptions;
  readonly #answers: Answer[] = [];
  #answerCount = 0;
  readonly #passages: Float64Array;
  #passageCount = 0;

  constructor(options: MessageStoriesOptions) {
    this.#options = options;
    this.#passages = new Float64Array(COLUMNS * options.max);
  }

  /** Notes how a SEND of a message is answered, once it is. */
  watch(senderId: UserId, { target, clientMessageId }: MessageSend, outcome: Promise<Outcome>): void {
    const about = { roomId: target.roomId, senderId, clientMessageId };
    outcome.then(
      (answer) => this.#answered({ ...about, messageId: Number(answer['message-id']), code: null }),
      (error: unknown) => this.#answered({ ...about, messageId: 0, code: toChatError(error).code }),
    );
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

  #answered(answer: Omit<Answer, 'at'>): void {
    this.#answers[this.#answerCount % this.#options.max] = { ...answer, at: this.#options.clock.now() };
    this.#answerCount += 1;
  }

  #findAnswers(messageId: MessageId | null, name: MessageName | null): SendAnswer[] {
    return this.#answers
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

/** Numbers of a passage. */
const COLUMNS = 8;

function isNamed(answer: Answer, name: MessageName | null): boolean {
  if (name === null || answer.clientMessageId !== name.clientMessageId) return false;
  return answer.roomId === name.roomId && answer.senderId === name.senderId;
}
