-- The SYSTEM messages that tell of a user.
CREATE INDEX CONCURRENTLY "messages_system_user_idx" ON "messages" (("system"->>'userId')) WHERE "kind" = 'SYSTEM';
