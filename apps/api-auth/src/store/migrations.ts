import { type Migrations, outboxMigration } from '@maru/postgres';

/** The schema of api-auth, each step run once in the order of the names. */
export const migrations: Migrations = {
  '2026-11-01-outbox': outboxMigration,
  // One credential an e-mail: a later attempt to sign up with it takes the place of an earlier one.
  '2026-11-02-credentials': `
    create table credentials (
      email text primary key,
      user_id uuid not null unique,
      attempt integer not null,
      password_hash text not null,
      created_at timestamptz not null default now(),
      confirmed_at timestamptz
    )`,
  // A session that ends is deleted with its tokens; used tokens stay until then, to be known again.
  '2026-11-03-sessions': `
    create table sessions (
      id uuid primary key,
      user_id uuid not null,
      user_agent text not null,
      created_at timestamptz not null default now(),
      last_used_at timestamptz not null default now()
    );
    create index sessions_by_user on sessions (user_id);
    create table refresh_tokens (
      hash bytea primary key,
      session_id uuid not null references sessions on delete cascade,
      used_at timestamptz
    );
    create index refresh_tokens_by_session on refresh_tokens (session_id)`,
  '2026-11-04-signing-keys': `
    create table signing_keys (
      kid text primary key,
      private_jwk jsonb not null,
      created_at timestamptz not null default now(),
      active_from timestamptz not null default now(),
      retired_at timestamptz
    )`,
  '2026-11-25-tickets': `
    create table used_tickets (
      id uuid primary key,
      by uuid not null,
      until timestamptz not null
    );
    create index used_tickets_by_age on used_tickets (until)`,
  // Of a key only its hash is kept. One that was exchanged runs out after the overlap.
  '2026-11-26-server-keys': `
    create table server_keys (
      id text primary key,
      name text not null,
      scopes text[] not null,
      hash bytea not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      revoked_at timestamptz
    )`,
};
