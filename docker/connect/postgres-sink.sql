-- The table of postgres-sink.properties. Connect writes the first two columns, PostgreSQL makes the others of them.
CREATE TABLE IF NOT EXISTS chat_events (
  ce_id text PRIMARY KEY, -- roomId/seq
  event jsonb NOT NULL,
  room_id uuid NOT NULL GENERATED ALWAYS AS ((event ->> 'roomId')::uuid) STORED,
  seq bigint NOT NULL GENERATED ALWAYS AS ((event ->> 'seq')::bigint) STORED,
  type text NOT NULL GENERATED ALWAYS AS (event ->> 'type') STORED,
  UNIQUE (room_id, seq)
);
