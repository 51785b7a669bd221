CREATE INDEX CONCURRENTLY "last_seen_user_id_idx" ON "last_seen" ("user_id");
