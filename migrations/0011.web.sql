-- Files sent from the page, until they are handled; who is told things on the page, and what they have seen of it.
-- depends: 0010.complaints

set lock_timeout = '10s';

-- What a person or customer attached on the page. LINE and Slack keep a file for us until it is fetched; here nobody does.
-- It goes in the transaction that handles its event. What no event ever came for, the sweep deletes after a day.
create table uploads (
  event_id text primary key,       -- the inbox's, of the web
  content bytea not null check (octet_length(content) between 1 and 20 * 1024 * 1024),
  at timestamptz not null default now()
);
alter table uploads alter content set storage external;  -- photos do not get smaller

grant select, insert, delete on uploads to transom_app;

-- Who used the page signed in, and when last: where they have no account on a platform, they are told things there.
create table web_presence (
  employee_number text primary key references people on delete cascade,
  language text not null,          -- chosen on the page
  seen_at timestamptz not null default now()
);

-- Notices up to this one have been shown on a page.
alter table conversations add column seen bigint not null default 0;
create index inbox_told on inbox (conversation, id) where kind = 'notice' and platform = 'web';

grant select, insert, update on web_presence to transom_app;

-- As before, and uploads: with their event's text, or after a day if no event waits for them.
create or replace function forget_texts(before timestamptz) returns void
language sql security definer set search_path = public, pg_temp as $$
  update inbox set body = null where body is not null and received_at < before and state not in ('pending', 'working');
  update turns set question = '', answer = '', citations = '[]' where question <> '' and at < before;
  update outbox set reply = null where reply is not null and touched_at < before
    and state in ('sent', 'failed', 'uncertain', 'withdrawn');
  delete from uploads u where at < greatest(before, now() - interval '1 day') and not exists (
    select 1 from inbox i where i.platform = 'web' and i.account = 'web' and i.event_id = u.event_id
      and (i.state in ('pending', 'working') or i.state = 'failed' and u.at >= before));
  delete from bind_codes where expires_at < now();
  delete from bind_attempts where at < now() - interval '1 day';
$$;
