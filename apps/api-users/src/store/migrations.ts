import { systemUserId } from '@maru/contracts';
import { type Migrations, outboxMigration } from '@maru/postgres';

/** The schema of api-users, each step run once in the order of the names. */
export const migrations: Migrations = {
  '2026-11-01-outbox': outboxMigration,
  // A deleted user leaves his id behind and nothing else; `password_check` is there while he is pending.
  '2026-11-02-users': `
    create sequence sign_up_attempts as integer;
    create table users (
      id uuid primary key,
      state text not null check (state in ('pending', 'active', 'deleted')),
      email text unique,
      name text not null,
      status_message text not null default '',
      version integer not null default 0,
      attempt integer not null,
      attempted_at timestamptz not null,
      password_check text,
      created_at timestamptz not null,
      last_login_at timestamptz,
      last_logout_at timestamptz,
      check ((state = 'deleted') = (email is null)),
      check ((state = 'pending') = (password_check is not null))
    );
    create index users_by_name on users (lower(name), id) where state = 'active'`,
  // Finds what stands in the middle of a name; without the extension that costs a look at every user.
  '2026-11-03-users-by-part-of-name': `
    do $$ begin
      if exists (select from pg_available_extensions where name = 'pg_trgm') then
        create extension if not exists pg_trgm;
        create index users_by_part_of_name on users using gin (lower(name) gin_trgm_ops) where state = 'active';
      end if;
    exception when insufficient_privilege then
      null;
    end $$`,
  // Two rows a pair, as each of the two sees it; all are changed under locks of both users' rows. Users who are
  // deleted have none.
  '2026-11-25-friends': `
    create table friends (
      user_id uuid not null,
      peer_id uuid not null,
      state text not null check (state in ('friends', 'incoming', 'outgoing')),
      since timestamptz not null,
      primary key (user_id, peer_id)
    );
    create index friends_newest on friends (user_id, since, peer_id);
    create table blocks (
      user_id uuid not null,
      blocked_id uuid not null,
      since timestamptz not null,
      primary key (user_id, blocked_id)
    );
    create index blocks_newest on blocks (user_id, since, blocked_id);
    create index blocks_of_blocked on blocks (blocked_id)`,
  // Who logs in elsewhere has no e-mail here. `claims`: the name and picture that his issuer claimed last, in a token
  // of `claimed_at` (s).
  '2026-11-26-other-issuers': `
    alter table users drop constraint users_check,
      add column picture text, add column issuer text, add column external_id text,
      add column claims jsonb, add column claimed_at bigint,
      add constraint users_from check (case state when 'deleted' then email is null and issuer is null
        else (email is null) = (issuer is not null) end),
      add constraint users_external check ((issuer is null) = (external_id is null))`,
  // In whose name the server speaks. He is told like all others, so that consumers know whose messages those are.
  '2026-11-26-system-user': `
    alter table users add column kind text not null default 'user' check (kind in ('user', 'system'));
    insert into users (id, state, kind, name, issuer, external_id, version, attempt, attempted_at, created_at)
    values ('${systemUserId}', 'active', 'system', 'System', 'maru', 'system', 1, 0, now(), now());
    insert into outbox (topic, key, type, value)
    values ('users.events', '${systemUserId}', 'user.created', json_build_object('userId', '${systemUserId}',
      'version', 1, 'at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'name', 'System',
      'statusMessage', '')::text)`,
};
