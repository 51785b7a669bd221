-- How many messages of the room counted up to the joining and up to the read mark, and how many of these were the member's own.
-- They say of a place in the log what will always be so, so that what is unread is a subtraction.
ALTER TABLE "memberships"
    ADD COLUMN "joined_seq" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "joined_ordinal" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "receipt_marks"
    ADD COLUMN "read_seq" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "read_ordinal" BIGINT NOT NULL DEFAULT 0;

UPDATE "memberships" AS m SET "joined_seq" = coalesce((
    SELECT x."seq" FROM "messages" AS x
    WHERE x."room_id" = m."room_id" AND x."seq" IS NOT NULL
        AND (x."epoch", x."log_offset") <= (m."joined_epoch", m."joined_offset")
    ORDER BY x."epoch" DESC, x."log_offset" DESC LIMIT 1
), 0) WHERE m."joined_epoch" IS NOT NULL;
UPDATE "memberships" AS m SET "joined_ordinal" = coalesce((
    SELECT max(x."sender_ordinal") FROM "messages" AS x
    WHERE x."room_id" = m."room_id" AND x."sender_id" = m."user_id" AND x."seq" <= m."joined_seq"
), 0) WHERE m."joined_seq" > 0;

UPDATE "receipt_marks" AS k SET "read_seq" = coalesce((
    SELECT x."seq" FROM "messages" AS x
    WHERE x."room_id" = k."room_id" AND x."seq" IS NOT NULL
        AND (x."epoch", x."log_offset") <= (k."read_epoch", k."read_offset")
    ORDER BY x."epoch" DESC, x."log_offset" DESC LIMIT 1
), 0) WHERE k."read_epoch" IS NOT NULL;
UPDATE "receipt_marks" AS k SET "read_ordinal" = coalesce((
    SELECT max(x."sender_ordinal") FROM "messages" AS x
    WHERE x."room_id" = k."room_id" AND x."sender_id" = k."user_id" AND x."seq" <= k."read_seq"
), 0) WHERE k."read_seq" > 0;
