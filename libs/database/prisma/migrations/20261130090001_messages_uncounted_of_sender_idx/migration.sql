-- What a user has written beside texts (edits, deletes, reactions, SYSTEM messages), in all rooms. Small: texts are not in it, nor what was erased.
CREATE INDEX CONCURRENTLY "messages_uncounted_of_sender_idx" ON "messages" ("sender_id", "room_id", "epoch", "log_offset")
    WHERE "seq" IS NULL AND "erased_at" IS NULL;
