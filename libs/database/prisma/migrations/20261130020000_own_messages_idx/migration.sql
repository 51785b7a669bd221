-- The last message of a sender at or before a place in a room, by the index alone. Beside a persister that goes on writing, and so
-- in a file of its own.
CREATE INDEX CONCURRENTLY "messages_room_id_sender_id_seq_idx" ON "messages" ("room_id", "sender_id", "seq")
    INCLUDE ("sender_ordinal") WHERE "seq" IS NOT NULL;
