-- Up to which number of the room the sender's texts were erased.
ALTER TABLE "sender_counters" ADD COLUMN "erased_seq" BIGINT;
