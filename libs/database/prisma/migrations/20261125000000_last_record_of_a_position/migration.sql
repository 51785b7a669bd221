-- The last record below the position: its offset, and the SHA-256 of its key and value in hex. A log that was made anew has
-- another one there. Null until a record was stored.
ALTER TABLE "log_positions"
    ADD COLUMN "last_offset" BIGINT,
    ADD COLUMN "last_digest" TEXT,
    ADD CONSTRAINT "log_positions_last" CHECK (("last_offset" IS NULL) = ("last_digest" IS NULL));
