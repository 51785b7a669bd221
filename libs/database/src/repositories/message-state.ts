import { REACTIONS_SHOWN_MAX_COUNT, type HistoryMessageDTO, type ReactionCount, type UserId } from '@chat/dto';
import { Prisma } from '../generated/client.ts';
import { messageOf, type MessageRow } from './rows.ts';

/**
 * What became of the messages `m`, by the records behind each in its room's order: the first DELETE, as `d.deleted_at`, or else
 * that its sender's data were erased; else the newest EDIT by its author, as `e.edited_content` and `e.edited_at`. Only texts are
 * changed. One look-up in an index each.
 */
export const DELETION = Prisma.sql`LEFT JOIN LATERAL (
    SELECT coalesce((
      SELECT x.sent_at FROM messages AS x
      WHERE x.kind = 'DELETE' AND x.room_id = m.room_id AND x.target_id = m.id AND (x.epoch, x.log_offset) > (m.epoch, m.log_offset)
      ORDER BY x.epoch, x.log_offset LIMIT 1
    ), m.erased_at) AS deleted_at
  ) AS d ON m.kind IS NULL`;
/** Behind `DELETION`. */
export const EDITION = Prisma.sql`LEFT JOIN LATERAL (
    SELECT x.content AS edited_content, x.sent_at AS edited_at FROM messages AS x
    WHERE x.kind = 'EDIT' AND x.room_id = m.room_id AND x.target_id = m.id AND x.sender_id = m.sender_id
      AND (x.epoch, x.log_offset) > (m.epoch, m.log_offset)
    ORDER BY x.epoch DESC, x.log_offset DESC LIMIT 1
  ) AS e ON m.kind IS NULL AND d.deleted_at IS NULL`;

/** What the messages `m` are reacted with, as `r.reactions`, null for nothing. Behind `DELETION`. */
export const reactionsFor = (reader: UserId) => Prisma.sql`LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('content', c.content, 'count', c.user_count, 'isOwn', EXISTS (
      SELECT 1 FROM reactions AS o
      WHERE o.room_id = m.room_id AND o.target_id = m.id AND o.content = c.content AND o.user_id = ${BigInt(reader)}
    )) ORDER BY c.user_count DESC, c.content COLLATE "C") AS reactions
    FROM (
      SELECT content, user_count FROM reaction_counts
      WHERE room_id = m.room_id AND target_id = m.id AND user_count > 0
      ORDER BY user_count DESC, content COLLATE "C" LIMIT ${REACTIONS_SHOWN_MAX_COUNT}
    ) AS c
  ) AS r ON d.deleted_at IS NULL`;

/** Columns of the joins above. */
export const STATE_COLUMNS = Prisma.sql`d.deleted_at AS "deletedAt", e.edited_at AS "editedAt",
  CASE WHEN d.deleted_at IS NOT NULL THEN '' ELSE coalesce(e.edited_content, m.content) END AS content`;

/** A message with `STATE_COLUMNS`, and what it is reacted with where that was asked for. */
export interface StateRow extends MessageRow {
  readonly deletedAt: Date | null;
  readonly editedAt: Date | null;
  readonly reactions?: readonly ReactionCount[] | null;
}

/** The message as the history shows it. */
export function historyMessageOf(row: StateRow): HistoryMessageDTO {
  const { deletedAt, editedAt, reactions = null } = row;
  return {
    ...messageOf(row),
    ...(editedAt !== null && { editedAt: editedAt.toISOString() }),
    ...(deletedAt !== null && { deletedAt: deletedAt.toISOString() }),
    ...(reactions !== null && { reactions: [...reactions] }),
  };
}
