-- When the user's sessions were last ended for it: from then on, and not from when it was asked for, it is counted until nothing of
-- the user can be under way any more. Null in an erasure that goes on over the migration: they are ended again.
ALTER TABLE "erasures" ADD COLUMN "sessions_ended_at" TIMESTAMPTZ(3);
