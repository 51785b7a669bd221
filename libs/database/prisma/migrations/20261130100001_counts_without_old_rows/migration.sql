-- What counts up to a place is told where old rows were removed, too: the first row behind it says what was before it, and where none
-- is left the counters do. As message-persister counts; for the triggers that serve apps of before.
CREATE OR REPLACE FUNCTION "counted_up_to"("of_room" BIGINT, "up_to_epoch" INTEGER, "up_to_offset" BIGINT) RETURNS BIGINT LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT coalesce(x."seq", x."behind_seq") FROM "messages" AS x
        WHERE x."room_id" = "of_room" AND (x."epoch", x."log_offset") <= ("up_to_epoch", "up_to_offset")
            AND coalesce(x."seq", x."behind_seq") IS NOT NULL
        ORDER BY x."epoch" DESC, x."log_offset" DESC LIMIT 1
    ), (
        SELECT coalesce(x."seq" - 1, x."behind_seq") FROM "messages" AS x
        WHERE x."room_id" = "of_room" AND (x."epoch", x."log_offset") > ("up_to_epoch", "up_to_offset")
            AND coalesce(x."seq", x."behind_seq") IS NOT NULL
        ORDER BY x."epoch", x."log_offset" LIMIT 1
    ), (SELECT "last_seq" FROM "room_counters" WHERE "room_id" = "of_room"), 0)
$$;
CREATE OR REPLACE FUNCTION "written_up_to"("of_room" BIGINT, "of_user" BIGINT, "up_to_seq" BIGINT) RETURNS BIGINT LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT x."sender_ordinal" FROM "messages" AS x
        WHERE x."room_id" = "of_room" AND x."sender_id" = "of_user" AND x."seq" <= "up_to_seq" ORDER BY x."seq" DESC LIMIT 1
    ), (
        SELECT x."sender_ordinal" - 1 FROM "messages" AS x
        WHERE x."room_id" = "of_room" AND x."sender_id" = "of_user" AND x."seq" > "up_to_seq" ORDER BY x."seq" LIMIT 1
    ), (SELECT "last_ordinal" FROM "sender_counters" WHERE "room_id" = "of_room" AND "user_id" = "of_user"), 0)
$$;
