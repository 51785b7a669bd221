-- The roles of the apps, each with as much as its app needs (grants.sql) and no login of its own. Once for a server, by somebody who
-- may create roles; again: no change. Then a login for each app, of which there may be two while a password is changed:
--   CREATE ROLE rooms_api_1 LOGIN PASSWORD '…' IN ROLE chat_rooms_api;
DO $$
DECLARE
  app TEXT;
BEGIN
  FOREACH app IN ARRAY ARRAY['chat_rooms_api', 'chat_ws_gateway', 'chat_presence_worker', 'chat_message_persister'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', app);
    END IF;
  END LOOP;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN
    NULL; -- somebody else makes them at this moment
END;
$$;
