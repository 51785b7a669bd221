-- Whether a message was deleted: one look-up.
CREATE INDEX CONCURRENTLY "messages_deletes_idx" ON "messages" ("room_id", "target_id", "epoch", "log_offset")
    WHERE "kind" = 'DELETE';
