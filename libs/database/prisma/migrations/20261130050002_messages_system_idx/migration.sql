-- Of the rows without a number the history shows these alone.
CREATE INDEX CONCURRENTLY "messages_system_idx" ON "messages" ("room_id", "epoch", "log_offset") WHERE "kind" = 'SYSTEM';
