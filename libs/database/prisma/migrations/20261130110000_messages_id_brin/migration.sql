-- A message by its id alone, for who looks into what became of it. Ids rise with time, as rows do: so a summary of each stretch of the
-- table is enough, which takes some KB a million rows and costs an insert nothing. In a file of its own, as those beside a persister
-- that goes on writing.
CREATE INDEX CONCURRENTLY "messages_id_idx" ON "messages" USING BRIN ("id" int8_minmax_multi_ops) WITH (autosummarize = on);
