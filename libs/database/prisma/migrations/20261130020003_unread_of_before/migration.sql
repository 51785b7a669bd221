-- The numbers of rows of before, a thousand rows a transaction, so that no writer waits for long: one statement, and so in a file
-- of its own, or it could not commit. Rows that are written meanwhile have theirs by the triggers. Again: no change.
DO $$
DECLARE
    "at_room" BIGINT := 0;
    "at_user" BIGINT := 0;
BEGIN
    LOOP
        WITH part AS MATERIALIZED ( -- locked in the order of all writers
            SELECT "room_id", "user_id" FROM "memberships" WHERE ("room_id", "user_id") > ("at_room", "at_user")
            ORDER BY "room_id", "user_id" LIMIT 1000 FOR NO KEY UPDATE
        ), counted AS MATERIALIZED (
            SELECT m."room_id", m."user_id", "counted_up_to"(m."room_id", m."joined_epoch", m."joined_offset") AS "seq"
            FROM part JOIN "memberships" AS m USING ("room_id", "user_id")
            WHERE m."joined_epoch" IS NOT NULL AND m."joined_seq" IS NULL
        ), filled AS (
            UPDATE "memberships" AS m
            SET "joined_seq" = c."seq", "joined_ordinal" = "written_up_to"(c."room_id", c."user_id", c."seq")
            FROM counted AS c WHERE m."room_id" = c."room_id" AND m."user_id" = c."user_id" AND m."joined_seq" IS NULL
        )
        SELECT "room_id", "user_id" INTO "at_room", "at_user" FROM part ORDER BY "room_id" DESC, "user_id" DESC LIMIT 1;
        EXIT WHEN NOT FOUND;
        COMMIT;
    END LOOP;

    "at_room" := 0;
    "at_user" := 0;
    LOOP
        WITH part AS MATERIALIZED (
            SELECT "room_id", "user_id" FROM "receipt_marks" WHERE ("room_id", "user_id") > ("at_room", "at_user")
            ORDER BY "room_id", "user_id" LIMIT 1000 FOR NO KEY UPDATE
        ), counted AS MATERIALIZED (
            SELECT k."room_id", k."user_id", "counted_up_to"(k."room_id", k."read_epoch", k."read_offset") AS "seq"
            FROM part JOIN "receipt_marks" AS k USING ("room_id", "user_id")
            WHERE k."read_epoch" IS NOT NULL AND k."read_seq" IS NULL
        ), filled AS (
            UPDATE "receipt_marks" AS k
            SET "read_seq" = c."seq", "read_ordinal" = "written_up_to"(c."room_id", c."user_id", c."seq")
            FROM counted AS c WHERE k."room_id" = c."room_id" AND k."user_id" = c."user_id" AND k."read_seq" IS NULL
        )
        SELECT "room_id", "user_id" INTO "at_room", "at_user" FROM part ORDER BY "room_id" DESC, "user_id" DESC LIMIT 1;
        EXIT WHEN NOT FOUND;
        COMMIT;
    END LOOP;
END $$;
