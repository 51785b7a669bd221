-- Whose data were to be erased, and since when: an erasure takes several steps, and is repeated where a backup brought data back.
CREATE TABLE "erasures" (
    "user_id" BIGINT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "completed_at" TIMESTAMPTZ(3),
    CONSTRAINT "erasures_pkey" PRIMARY KEY ("user_id")
);

-- What a DELETE takes away is not kept either: the text of the message, and its edits. An edit is of no use once every message that
-- it could change, of this id and by its author, has a DELETE behind it.
CREATE FUNCTION "erase_deleted"("of_room" BIGINT, "of_target" BIGINT) RETURNS VOID LANGUAGE sql AS $$
    UPDATE "messages" AS m SET "content" = ''
    WHERE m."room_id" = "of_room" AND m."id" = "of_target" AND m."kind" IS NULL AND m."content" <> ''
        AND EXISTS (
            SELECT 1 FROM "messages" AS x WHERE x."kind" = 'DELETE' AND x."room_id" = "of_room" AND x."target_id" = "of_target"
                AND (x."epoch", x."log_offset") > (m."epoch", m."log_offset")
        );
    UPDATE "messages" AS e SET "content" = ''
    WHERE e."kind" = 'EDIT' AND e."room_id" = "of_room" AND e."target_id" = "of_target" AND e."content" <> ''
        AND NOT EXISTS (
            SELECT 1 FROM "messages" AS m
            WHERE m."room_id" = "of_room" AND m."id" = "of_target" AND m."kind" IS NULL AND m."sender_id" = e."sender_id"
                AND (m."epoch", m."log_offset") < (e."epoch", e."log_offset")
                AND NOT EXISTS (
                    SELECT 1 FROM "messages" AS x WHERE x."kind" = 'DELETE' AND x."room_id" = "of_room"
                        AND x."target_id" = "of_target" AND (x."epoch", x."log_offset") > (m."epoch", m."log_offset")
                )
        );
$$;

-- Triggers and not the statement of message-persister, for it stores both in one snapshot, and an older one knows nothing of it.
-- Texts pay for the condition alone.
CREATE FUNCTION "erase_what_was_deleted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM "erase_deleted"(NEW."room_id", NEW."target_id");
    RETURN NULL;
END $$;
CREATE TRIGGER "messages_erase_deleted" AFTER INSERT ON "messages" FOR EACH ROW WHEN (NEW."kind" = 'DELETE')
    EXECUTE FUNCTION "erase_what_was_deleted"();

CREATE FUNCTION "erase_edit_of_deleted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM "messages" WHERE "kind" = 'DELETE' AND "room_id" = NEW."room_id" AND "target_id" = NEW."target_id"
    ) THEN
        PERFORM "erase_deleted"(NEW."room_id", NEW."target_id");
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "messages_erase_edit_of_deleted" AFTER INSERT ON "messages" FOR EACH ROW WHEN (NEW."kind" = 'EDIT')
    EXECUTE FUNCTION "erase_edit_of_deleted"();

-- A reaction that nobody has any more is not kept: it may be a text.
CREATE FUNCTION "forget_unused_reaction"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM "reaction_counts"
    WHERE "room_id" = NEW."room_id" AND "target_id" = NEW."target_id" AND "content" = NEW."content" AND "user_count" = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER "reaction_counts_forget_unused" AFTER UPDATE ON "reaction_counts" FOR EACH ROW WHEN (NEW."user_count" = 0)
    EXECUTE FUNCTION "forget_unused_reaction"();
