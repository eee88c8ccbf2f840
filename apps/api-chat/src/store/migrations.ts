import type { Migrations } from '@maru/postgres';

/**
 * `events` is the truth and never edited in place; a message's (room, sender, id) and the hash of its first
 * content stand in its row, so that a repeat is found for ever. `rooms`, `members` and what messages read now are
 * projections that the writer keeps in the same transaction; `blocks` is one of `users.events`.
 */
export const migrations: Migrations = {
  '0001-writer': `
    create table topology (
      one boolean primary key default true check (one),
      cluster_id text not null,
      commands_topic_id text not null,
      partitions int not null
    );
    create table partitions (
      partition int primary key,
      epoch bigint not null,
      next_offset bigint not null,
      batch_offset bigint not null
    );
    create table rooms (
      id uuid primary key,
      kind text not null,
      name text not null,
      owner_id uuid not null,
      seq int not null,
      message_no int not null,
      created_at timestamptz not null,
      deleted boolean not null default false,
      create_hash text not null,
      last_message_seq int,
      active_at timestamptz not null
    ) with (fillfactor = 70);
    create index rooms_public on rooms (lower(name) text_pattern_ops, id) where kind = 'public' and not deleted;
    create table members (
      room_id uuid not null,
      user_id uuid not null,
      joined_seq int not null,
      left_seq int,
      read_seq int not null,
      read_no int not null,
      primary key (room_id, user_id)
    ) with (fillfactor = 70);
    create index members_of_user on members (user_id);
    create table events (
      room_id uuid not null,
      seq int not null,
      message_no int not null,
      type text not null,
      body text not null,
      partition int not null,
      command_offset bigint not null,
      sender_id uuid,
      client_id text,
      content_hash text,
      primary key (room_id, seq)
    );
    create unique index events_by_client_id on events (room_id, sender_id, client_id) where client_id is not null;
    create index events_by_command on events (partition, command_offset);
    create table command_ids (
      room_id uuid not null,
      user_id uuid not null,
      id text not null,
      reply text not null,
      decided_at timestamptz not null default now(),
      primary key (room_id, user_id, id)
    );
    create index command_ids_by_age on command_ids (decided_at);
  `,
  // By the direct room of the two, whether there is one or not. A block that has ended stays with its version, so
  // that an old event changes nothing.
  '0002-blocks': `
    create table blocks (
      room_id uuid not null,
      blocked_id uuid not null,
      user_id uuid not null,
      version int not null,
      active boolean not null,
      primary key (room_id, blocked_id)
    );
    create index blocks_of_user on blocks (user_id);
    create index blocks_of_blocked on blocks (blocked_id);
  `,
  // Sessions of MQTT clients. `connection`: whose it is now; `ids`: what the ids of its messages are made of, while
  // they can be made again; `previous_ids`: those of the connection before.
  '0003-devices': `
    create table device_sessions (
      user_id uuid not null,
      client_id text not null,
      connection uuid not null,
      ids uuid,
      previous_ids uuid,
      subscriptions jsonb not null,
      expiry_seconds int not null,
      seen_at timestamptz not null default now(),
      primary key (user_id, client_id)
    ) with (fillfactor = 70);
    create table device_cursors (
      user_id uuid not null,
      client_id text not null,
      room_id uuid not null,
      seq int not null,
      primary key (user_id, client_id, room_id),
      foreign key (user_id, client_id) references device_sessions on delete cascade
    ) with (fillfactor = 70);
  `,
  // Who is connected at which gateway, as `presence` tells. Places are offsets by partition of `chat.commands`:
  // `given`, up to where a gateway has given out; `since`, where the writers were when the user came; an absence
  // goes on while `up_to` is null. `swept`: what its user missed before it was known has been notified.
  '0004-presence': `
    create table gateways (
      id uuid primary key,
      given bigint[] not null,
      seen_at timestamptz not null default now()
    ) with (fillfactor = 50);
    create table connected (
      user_id uuid not null,
      gateway_id uuid not null,
      since bigint[] not null,
      at timestamptz not null default now(),
      primary key (user_id, gateway_id)
    );
    create index connected_of_gateway on connected (gateway_id);
    create table absences (
      user_id uuid not null,
      id bigint generated always as identity,
      after bigint[] not null,
      up_to bigint[],
      swept boolean not null default false,
      at timestamptz not null default now(),
      primary key (user_id, id)
    );
    create unique index absences_open on absences (user_id) where up_to is null;
    create index absences_unswept on absences (id) where not swept;
    create index absences_by_age on absences (at);
    -- The last event of a room that came of a command below this offset.
    create function seq_at(room uuid, below bigint) returns int language plpgsql stable as $$
      declare low int := 0; high int; middle int;
      begin
        select seq into high from rooms where id = room;
        while low < high loop
          middle := (low + high + 1) / 2;
          if (select command_offset < below from events where room_id = room and seq = middle)
            then low := middle; else high := middle - 1; end if;
        end loop;
        return low;
      end $$;
  `,
  // `notified` keeps for some minutes who was notified of what. A mute without `until` is for ever.
  '0005-notifications': `
    create table notified (
      user_id uuid not null,
      room_id uuid not null,
      seq int not null,
      at timestamptz not null default now(),
      primary key (user_id, room_id, seq)
    );
    create index notified_by_age on notified (at);
    create table mutes (
      user_id uuid not null,
      room_id uuid not null,
      until timestamptz,
      primary key (user_id, room_id)
    );
  `,
  '0006-quiet-hours': `
    create table quiet_hours (
      user_id uuid primary key,
      starts time not null,
      ends time not null,
      zone text not null
    );
  `,
  // What messages read now: in `messages_now` those that read otherwise than their event, with the seqs of their edits;
  // in `hidden_events` the deleted ones and their edits, of which nothing is given out but that they were there.
  '0007-message-actions': `
    alter table rooms add column slow_mode_seconds int not null default 0;
    alter table members add column role text not null default 'member', add column muted_until timestamptz,
      add column sent_at timestamptz;
    create table messages_now (
      room_id uuid not null,
      seq int not null,
      body text not null,
      edits int[] not null,
      primary key (room_id, seq)
    );
    create table hidden_events (
      room_id uuid not null,
      seq int not null,
      primary key (room_id, seq)
    );
    create table reactions (
      room_id uuid not null,
      seq int not null,
      reaction text not null,
      user_id uuid not null,
      added_seq int not null,
      primary key (room_id, seq, reaction, user_id)
    );
  `,
  // `last_seen`: when a user's last connection ended.
  '0008-presence': `
    alter table connected add away boolean not null default false;
    create table last_seen (
      user_id uuid primary key,
      at timestamptz not null
    ) with (fillfactor = 80);
  `,
  // So that an id that is used again for something else is told from a repeat.
  '0009-command-hashes': `alter table command_ids add column content_hash text`,
  // A room's events lie in one of 8 tables, so that indexes and vacuums stay small (ADR 30). All rows are copied first,
  // and the indexes made of them then, which is several times quicker; nobody reads or writes events meanwhile.
  '0010-events-by-room': `
    alter table events rename to events_before;
    create table events (
      room_id uuid not null,
      command_offset bigint not null,
      seq int not null,
      message_no int not null,
      partition int not null,
      type text not null,
      body text not null,
      sender_id uuid,
      client_id text,
      content_hash text
    ) partition by hash (room_id);
    do $$ begin
      for n in 0..7 loop
        execute format('create table events_%s partition of events for values with (modulus 8, remainder %s)', n, n);
      end loop;
    end $$;
    insert into events
    select room_id, command_offset, seq, message_no, partition, type, body, sender_id, client_id, content_hash
    from events_before;
    drop table events_before;
    set local maintenance_work_mem = '256MB';
    alter table events add primary key (room_id, seq);
    create unique index events_by_client_id on events (room_id, sender_id, client_id) where client_id is not null;
    create index events_by_command on events (partition, command_offset);
    analyze events;
  `,
  // The bodies of old events may be in an archive: null here. What statements ask of such a row stays in it: when it
  // happened, and in `sender_id` who left by a memberLeft. `archived_rooms`: all bodies up to `upto` may be there, and
  // none above; `store`: where the room's history was moved by hand. `archive_feeds`: from which command on the
  // partition's events have to be looked at.
  '0011-archive': `
    alter table events alter column body drop not null, add column created_at timestamptz;
    create table archived_rooms (
      room_id uuid primary key,
      upto int not null default 0,
      store text
    ) with (fillfactor = 70);
    create table archive_feeds (
      partition int primary key,
      next_offset bigint not null default 0
    );
  `,
  // How long history is kept: `retention_days`, or as the settings say. Nobody reads what is below `kept_from`; what
  // events said up to `forgotten_to` is gone.
  '0012-retention': `
    alter table rooms add column retention_days int, add column kept_from int not null default 1,
      add column forgotten_to int not null default 0, add column hidden_at timestamptz;
    create index rooms_kept_for on rooms (id) where retention_days is not null;
    create index rooms_to_forget on rooms (id) where forgotten_to < kept_from - 1;
    create function is_old(room uuid, at int, moment timestamptz) returns boolean language sql stable as $$
      select coalesce(e.created_at, (e.body::json ->> 'createdAt')::timestamptz) < moment and e.command_offset < p.batch_offset
      from events e join partitions p on p.partition = e.partition where e.room_id = room and e.seq = at
    $$;
    -- The last event from the first one on that is from before the moment and need not be published again; none: the one
    -- before the first. As a rule few have become so since they were last looked for.
    create function old_up_to(room uuid, first int, last int, moment timestamptz) returns int language plpgsql stable as $$
      declare low int := first - 1; high int := last; step int := 1; middle int;
      begin
        while low + step <= high and is_old(room, low + step, moment) loop
          low := low + step;
          step := step * 2;
        end loop;
        high := least(high, low + step - 1);
        while low < high loop
          middle := (low + high + 1) / 2;
          if is_old(room, middle, moment) then low := middle; else high := middle - 1; end if;
        end loop;
        return low;
      end $$;
  `,
  // A room's commands may have lain in another partition once, so each event is held against the place of its own. The
  // function of 0004 stays for an api-chat of an earlier build beside this one.
  '0013-places': `
    -- A command's place, which is what command_offset and the like hold, is its offset and this.
    alter table partitions add column base bigint not null default 0;
    -- The command that moves the store to other partitions, from its beginning to its end: nobody writes meanwhile.
    alter table topology add column moving text;
    -- The last event of a room that came of a command below this place: an offset for each partition.
    -- A back-up from before this step leaves the function that is there where it is put back.
    create or replace function seq_at(room uuid, place bigint[]) returns int language plpgsql stable as $$
      declare low int := 0; high int; middle int;
      begin
        select seq into high from rooms where id = room;
        while low < high loop
          middle := (low + high + 1) / 2;
          if (select command_offset < coalesce(place[partition + 1], 0) from events where room_id = room and seq = middle)
            then low := middle; else high := middle - 1; end if;
        end loop;
        return low;
      end $$;
  `,
  '0014-gone-from': `
    -- How he was until his last connection ended, and when, never later than now: for a moment after that he still is.
    alter table last_seen add column away boolean, add column gone_at timestamptz;
  `,
};
