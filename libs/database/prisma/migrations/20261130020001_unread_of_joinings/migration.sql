-- How many messages of the room counted up to the joining, and how many of these were the member's own. They say of a place in the
-- log what will always be so, so that what is unread is a subtraction. Null where there is no place. One table a file: whoever
-- writes both would else deadlock with this.
ALTER TABLE "memberships"
    ADD COLUMN "joined_seq" BIGINT,
    ADD COLUMN "joined_ordinal" BIGINT;

CREATE FUNCTION "counted_up_to"("of_room" BIGINT, "up_to_epoch" INTEGER, "up_to_offset" BIGINT) RETURNS BIGINT LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT coalesce(x."seq", x."behind_seq") FROM "messages" AS x
        WHERE x."room_id" = "of_room" AND (x."epoch", x."log_offset") <= ("up_to_epoch", "up_to_offset")
            AND coalesce(x."seq", x."behind_seq") IS NOT NULL
        ORDER BY x."epoch" DESC, x."log_offset" DESC LIMIT 1
    ), 0)
$$;
CREATE FUNCTION "written_up_to"("of_room" BIGINT, "of_user" BIGINT, "up_to_seq" BIGINT) RETURNS BIGINT LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT x."sender_ordinal" FROM "messages" AS x
        WHERE x."room_id" = "of_room" AND x."sender_id" = "of_user" AND x."seq" <= "up_to_seq" ORDER BY x."seq" DESC LIMIT 1
    ), 0)
$$;

-- For apps of before, which say the place alone. Those that say the numbers too pay for the condition only.
CREATE FUNCTION "count_up_to_joining"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW."joined_seq" := "counted_up_to"(NEW."room_id", NEW."joined_epoch", NEW."joined_offset");
    NEW."joined_ordinal" := "written_up_to"(NEW."room_id", NEW."user_id", NEW."joined_seq");
    RETURN NEW;
END $$;
CREATE TRIGGER "memberships_count_up_to_joining" BEFORE INSERT ON "memberships" FOR EACH ROW
    WHEN (NEW."joined_epoch" IS NOT NULL AND NEW."joined_seq" IS NULL)
    EXECUTE FUNCTION "count_up_to_joining"();
