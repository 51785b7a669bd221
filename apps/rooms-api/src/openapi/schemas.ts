import {
  ChatRoomDTOSchema,
  DTO_SCHEMAS,
  HistoryMessageDTOSchema,
  jsonSchemasOf,
  OwnInvitationDTOSchema,
  pageSchema,
  RoomBanDTOSchema,
  RoomMemberDTOSchema,
  BasicUserInfoDTOSchema,
  type JsonSchema,
} from '@chat/dto';
import { z } from 'zod';
import { ProblemSchema } from '../http/problem.ts';

const listOf = <Item extends z.ZodType>(item: Item, description: string) =>
  z.object({ items: z.array(item) }).meta({ description });

/** What REST alone has around the DTOs, by the name under which the document has it. */
export const REST_SCHEMAS = {
  BasicUserInfoList: z.array(BasicUserInfoDTOSchema),
  ChatRoomPage: pageSchema(ChatRoomDTOSchema).meta({ description: 'A page of rooms; `page` counts from 0.' }),
  HistoryPage: z
    .object({ items: z.array(HistoryMessageDTOSchema), hasMore: z.boolean() })
    .meta({ description: 'Messages in the order of the room; `hasMore`: there are more in the direction asked for.' }),
  OwnInvitationList: listOf(OwnInvitationDTOSchema, 'Invitations of the caller, newest first.'),
  Problem: ProblemSchema,
  RoomBanList: listOf(RoomBanDTOSchema, 'Bans of a room, newest first.'),
  RoomMemberList: listOf(RoomMemberDTOSchema, 'Members of a room.'),
} as const;

const ALL: Readonly<Record<string, z.ZodType>> = { ...DTO_SCHEMAS, ...REST_SCHEMAS };

export const componentRef = (name: string): string => `#/components/schemas/${name}`;

/** The reference to a schema of the tables. Throws a TypeError for any other. */
export function refTo(schema: z.ZodType): JsonSchema {
  const name = Object.entries(ALL).find(([, known]) => known === schema)?.[0];
  if (name === undefined) throw new TypeError('a body of an operation is no schema of the tables');
  return { $ref: componentRef(name) };
}

/** JSON Schema of everything that an operation may name. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  return jsonSchemasOf(ALL, componentRef);
}
