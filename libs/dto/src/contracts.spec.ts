import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  BasicUserInfoDTOSchema,
  changeOf,
  ChatRoomDTOSchema,
  ClientDeleteDTOSchema,
  ClientEditDTOSchema,
  ClientMessageDTOSchema,
  ClientReactionDTOSchema,
  ClientTypingDTOSchema,
  CommandDTOSchema,
  CreateRoomRequestSchema,
  HistoryMessageDTOSchema,
  isEarlierInLog,
  MessageDTOSchema,
  parseId,
  TYPING_USERS_MAX_COUNT,
  TypingDTOSchema,
  UpdateRoomRequestSchema,
  UserPresenceDTOSchema,
} from './index.ts';

/** The examples of the specification, to the letter. */
const EXAMPLES = {
  ChatRoomDTO: [
    ChatRoomDTOSchema,
    {
      id: 1,
      name: 'Dev Chatroom',
      description: 'Chat for developers',
      type: 'GROUP',
      status: 'ACTIVE',
      ownerId: 123,
      createdAt: '2025-04-29T10:00:00Z',
      updatedAt: '2025-04-29T10:00:00Z',
    },
  ],
  ClientMessageDTO: [ClientMessageDTOSchema, { content: 'Hello from STOMP!' }],
  MessageDTO: [
    MessageDTOSchema,
    {
      id: 948359823823823,
      senderId: 1,
      roomId: 1,
      content: 'Hello!',
      type: 'GROUP',
      timestamp: '2025-04-29T15:23:00Z',
    },
  ],
  BasicUserInfoDTO: [BasicUserInfoDTOSchema, { id: 1, username: 'john.doe', isOnline: true }],
  UserPresenceDTO: [UserPresenceDTOSchema, { id: 1, isOnline: false }],
} as const;

describe.each(Object.entries(EXAMPLES))('%s', (_, [schema, example]) => {
  it('reads the example of the specification as it stands', () => {
    expect(schema.parse(example)).toEqual(example);
  });

  it('ignores what a later version added', () => {
    expect(schema.parse({ ...example, addedLater: { a: 1 } })).toEqual(example);
  });

  it.each(Object.keys(example))('needs %s', (field) => {
    expect(schema.safeParse({ ...example, [field]: undefined }).success).toBe(false);
  });
});

/** Of destinations that the specification names without a shape. */
describe.each([
  ['ClientTypingDTO', ClientTypingDTOSchema, { isTyping: false }],
  ['TypingDTO', TypingDTOSchema, { roomId: 1, userIds: [1, 2], count: 2 }],
  ['ClientEditDTO', ClientEditDTOSchema, { content: 'Hello, all!', targetId: 1 }],
  ['ClientDeleteDTO', ClientDeleteDTOSchema, { targetId: 1 }],
  ['ClientReactionDTO', ClientReactionDTOSchema, { targetId: 1, content: '👍' }],
] as const)('%s', (_, schema, example) => {
  it('reads its example, and ignores what a later version added', () => {
    expect(schema.parse({ ...example, addedLater: 1 })).toEqual(example);
  });

  it.each(Object.keys(example))('needs %s', (field) => {
    expect(schema.safeParse({ ...example, [field]: undefined }).success).toBe(false);
  });
});

describe('what changes a message', () => {
  const [, text] = EXAMPLES.MessageDTO;
  const changes = [
    { ...text, kind: 'EDIT', content: 'Hello, all!', targetId: 948359823823000 },
    { ...text, kind: 'DELETE', content: '', targetId: 948359823823000 },
    { ...text, kind: 'REACTION', content: '👍', targetId: 948359823823000 },
    { ...text, kind: 'REACTION', content: '👍', targetId: 948359823823000, removed: true },
  ];
  /** MessageDTO as it was before messages could be changed. */
  const OldMessageDTOSchema = z.object({
    id: z.number().int(),
    senderId: z.number().int().min(1),
    roomId: z.number().int().min(1),
    content: z.string(),
    type: z.enum(['GROUP', 'DIRECT']),
    timestamp: z.iso.datetime(),
    kind: z.enum(['SYSTEM', 'EDIT', 'DELETE', 'REACTION']).optional(),
  });

  it.each(changes)('is read whole as $kind of its target', (change) => {
    expect(MessageDTOSchema.parse(change)).toEqual(change);
    expect(changeOf(MessageDTOSchema.parse(change))).toEqual({
      kind: change.kind,
      targetId: change.targetId,
      isRemoval: 'removed' in change,
    });
  });

  it.each(changes)('is a message to a reader that knows nothing of its fields: $kind', (change) => {
    const { targetId: _, ...known } = { ...change, removed: undefined };
    expect(OldMessageDTOSchema.parse(change)).toEqual(known);
  });

  it('shows in the history, which such a reader reads as well', () => {
    const shown = {
      ...text,
      editedAt: '2025-04-29T15:24:00Z',
      deletedAt: '2025-04-29T15:25:00Z',
      reactions: [{ content: '👍', count: 2, isOwn: true }],
    };
    expect(HistoryMessageDTOSchema.parse(shown)).toEqual(shown);
    expect(HistoryMessageDTOSchema.parse(text)).toEqual(text);
    expect(OldMessageDTOSchema.parse(shown)).toEqual(text);
  });

  it('is none without a kind, or for SYSTEM', () => {
    expect(changeOf(MessageDTOSchema.parse({ ...text, targetId: 5 }))).toBeNull();
    expect(changeOf(MessageDTOSchema.parse({ ...text, kind: 'SYSTEM', targetId: 5 }))).toBeNull();
  });

  it.each([
    ['👍', true],
    ['👨‍👩‍👧‍👦', true],
    ['', false],
    ['x'.repeat(32), true],
    ['x'.repeat(33), false],
  ])('by a reaction of %j: %s', (content, fits) => {
    expect(ClientReactionDTOSchema.safeParse({ targetId: 1, content }).success).toBe(fits);
  });
});

describe('who types', () => {
  it.each([
    [TYPING_USERS_MAX_COUNT, true],
    [TYPING_USERS_MAX_COUNT + 1, false],
  ])('is named by %i ids: %s', (length, fits) => {
    const userIds = Array.from({ length }, (_, at) => at + 1);
    expect(TypingDTOSchema.safeParse({ roomId: 1, userIds, count: length }).success).toBe(fits);
  });
});

describe('content of a message', () => {
  it.each([
    ['', false],
    [' ', true],
    ['x'.repeat(10_000), true],
    ['x'.repeat(10_001), false],
    ['😀'.repeat(10_000), true],
  ])('has 1 to 10,000 code points', (content, fits) => {
    expect(ClientMessageDTOSchema.safeParse({ content }).success).toBe(fits);
  });

  it('is kept untrimmed', () => {
    expect(ClientMessageDTOSchema.parse({ content: ' a ' })).toEqual({ content: ' a ' });
  });
});

describe('a timestamp', () => {
  it.each([
    ['2025-04-29T15:23:00Z', true],
    ['2025-04-29T15:23:00.123Z', true],
    ['2025-04-29T15:23:00+02:00', false],
    ['2025-04-29 15:23:00', false],
    ['2025-02-30T00:00:00Z', false],
  ])('%s is valid: %s', (timestamp, isValid) => {
    const [, example] = EXAMPLES.MessageDTO;
    expect(MessageDTOSchema.safeParse({ ...example, timestamp }).success).toBe(isValid);
  });
});

describe('an id in a path', () => {
  it.each([
    ['1', 1],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', null],
    ['0', null],
    ['01', null],
    ['-1', null],
    ['1.0', null],
    ['1e3', null],
    [' 1', null],
    ['', null],
  ])('%j is %s', (text, id) => {
    expect(parseId(text)).toBe(id);
  });
});

describe('the target of a command', () => {
  it.each([
    ['all', true],
    ['room:7', true],
    ['user:7', true],
    ['room:', false],
    ['user:x', false],
    ['everybody', false],
    ['app:>=2.1.0 <3.0.0', true],
    ['app:', false],
    ['app:\n', false],
  ])('%s is valid: %s', (target, isValid) => {
    const command = { id: 1, target, name: 'refresh', payload: {}, createdAt: '2025-04-29T15:23:00Z' };
    expect(CommandDTOSchema.safeParse(command).success).toBe(isValid);
  });
});

describe('a place in the log of a room', () => {
  it.each([
    [{ epoch: 1, offset: 4 }, { epoch: 1, offset: 5 }, true],
    [{ epoch: 1, offset: 5 }, { epoch: 1, offset: 5 }, false],
    [{ epoch: 1, offset: 6 }, { epoch: 1, offset: 5 }, false],
    [{ epoch: 1, offset: 9 }, { epoch: 2, offset: 0 }, true],
    [{ epoch: 2, offset: 0 }, { epoch: 1, offset: 9 }, false],
  ])('%j is earlier than %j: %s', (one, other, isEarlier) => {
    expect(isEarlierInLog(one, other)).toBe(isEarlier);
  });
});

describe('requests for rooms', () => {
  it('fills in what a new room does not say', () => {
    expect(CreateRoomRequestSchema.parse({ name: 'Dev' })).toEqual({
      name: 'Dev',
      description: '',
      type: 'GROUP',
      visibility: 'PUBLIC',
      metadata: {},
    });
  });

  it('takes both types of room and no other', () => {
    expect(CreateRoomRequestSchema.parse({ name: 'x', type: 'DIRECT' }).type).toBe('DIRECT');
    expect(CreateRoomRequestSchema.safeParse({ name: 'x', type: 'CHANNEL' }).success).toBe(false);
  });

  it('needs something to change', () => {
    expect(UpdateRoomRequestSchema.safeParse({}).success).toBe(false);
    expect(UpdateRoomRequestSchema.safeParse({ description: '' }).success).toBe(true);
  });
});
