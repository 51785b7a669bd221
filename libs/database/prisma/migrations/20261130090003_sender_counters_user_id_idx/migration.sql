-- The rooms that a user has ever written in.
CREATE INDEX CONCURRENTLY "sender_counters_user_id_idx" ON "sender_counters" ("user_id");
