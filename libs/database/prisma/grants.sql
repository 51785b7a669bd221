-- What the roles of roles.sql may do in this database, and no more. By the owner of the tables: `migrate` does it after each
-- migration where the roles exist. Again: no change. Nobody may change the schema but the owner, and nothing is granted to all.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, chat_rooms_api, chat_ws_gateway, chat_presence_worker, chat_message_persister;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, chat_rooms_api, chat_ws_gateway, chat_presence_worker, chat_message_persister;
GRANT USAGE ON SCHEMA public TO chat_rooms_api, chat_ws_gateway, chat_presence_worker, chat_message_persister;

-- Every app looks at its start whether the schema is as new as itself.
GRANT SELECT ON _prisma_migrations TO chat_rooms_api, chat_ws_gateway, chat_presence_worker, chat_message_persister;

-- rooms-api: rooms and who is in them, and reading what the others write.
GRANT SELECT, INSERT, UPDATE ON chat_rooms, users, revocations TO chat_rooms_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON memberships, invitations, bans, room_events_outbox TO chat_rooms_api;
GRANT SELECT, UPDATE ON instance_numbers TO chat_rooms_api;
GRANT SELECT ON messages, reactions, reaction_counts, room_counters, sender_counters, receipt_marks, last_seen TO chat_rooms_api;
GRANT SELECT ON log_epochs, log_positions TO chat_rooms_api;
GRANT USAGE ON SEQUENCE chat_rooms_id_seq, room_events_outbox_id_seq TO chat_rooms_api;
-- and erasing a user.
GRANT SELECT, INSERT, UPDATE ON erasures TO chat_rooms_api;
GRANT UPDATE (content, erased_at, client_message_id, removed) ON messages TO chat_rooms_api;
GRANT UPDATE (erased_seq) ON sender_counters TO chat_rooms_api;
GRANT UPDATE, DELETE ON reaction_counts TO chat_rooms_api;
GRANT SELECT, UPDATE ON kept_commands TO chat_rooms_api;
GRANT DELETE ON users, reactions, last_seen TO chat_rooms_api;

-- Who writes what is known of a user looks first whether it is being erased.
GRANT SELECT ON erasures TO chat_ws_gateway, chat_presence_worker;

-- ws-gateway: reading; names of users, its instance number, and which kept commands were delivered.
GRANT SELECT ON chat_rooms, memberships, invitations, bans, receipt_marks, revocations TO chat_ws_gateway;
GRANT SELECT ON messages, reactions, reaction_counts, room_counters, sender_counters, log_epochs, log_positions TO chat_ws_gateway;
GRANT SELECT, INSERT, UPDATE ON users, kept_commands TO chat_ws_gateway;
GRANT SELECT, UPDATE ON instance_numbers TO chat_ws_gateway;

-- presence-worker: when users have last seen rooms.
GRANT SELECT, INSERT, UPDATE ON last_seen TO chat_presence_worker;

-- message-persister: messages and what is counted of them; of a stored message only the text is changed, which a DELETE
-- takes, and old ones are removed.
GRANT SELECT, INSERT, UPDATE (content), DELETE ON messages TO chat_message_persister;
GRANT SELECT, INSERT, UPDATE, DELETE ON reactions, reaction_counts, kept_commands, revocations TO chat_message_persister;
GRANT SELECT, INSERT, UPDATE ON room_counters, sender_counters, receipt_marks TO chat_message_persister;
GRANT SELECT, INSERT, UPDATE ON log_epochs, log_positions TO chat_message_persister;
GRANT SELECT ON memberships TO chat_message_persister;
