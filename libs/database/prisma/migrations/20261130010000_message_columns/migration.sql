-- What a message of kind SYSTEM tells, as it came; what an EDIT, DELETE or REACTION is about, and whether it takes a reaction back;
-- and of a row without a number the last one before it, by which history goes on from there. That is null in rows that were stored
-- before or by an older message-persister: readers then look for the row before. All of `messages` is locked for this, so it is
-- alone, and of no row anything is written.
ALTER TABLE "messages"
    ADD COLUMN "system" JSONB,
    ADD COLUMN "target_id" BIGINT,
    ADD COLUMN "removed" BOOLEAN,
    ADD COLUMN "behind_seq" BIGINT;
