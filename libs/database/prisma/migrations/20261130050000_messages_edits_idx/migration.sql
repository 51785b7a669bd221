-- The newest text of a message by its author: one look-up. Small: plain messages are not in it. Like those of the next files beside
-- a persister that goes on writing, and so in a file of its own.
CREATE INDEX CONCURRENTLY "messages_edits_idx" ON "messages" ("room_id", "target_id", "sender_id", "epoch", "log_offset")
    WHERE "kind" = 'EDIT';
