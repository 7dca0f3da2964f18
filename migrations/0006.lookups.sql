-- Look-ups: the role that reads for them, the company's own tables, and what people are being asked.
-- depends: 0005.models

set lock_timeout = '10s';

-- Roles belong to the whole server, so another database of it may have made this one a moment ago.
do $$
begin
  create role transom_lookup nologin;
exception when duplicate_object or unique_violation then null;
end
$$;

-- So that our connections can act as it for one transaction (set local role).
do $$
begin
  execute format('grant transom_lookup to %I', current_user);
exception when others then
  if not pg_has_role(current_user, 'transom_lookup', 'member') then raise; end if;
end
$$;

-- The tables made of the company's folder data/. A server that is shared may have a schema of this name already.
create schema if not exists company;
grant usage on schema company to transom_lookup;

-- A look-up that asks for what it needs, one thing at a time (asking: the slot), and what a "more" button goes on with
-- (asking: null). Made again from its values each time; the records themselves are never kept.
create table lookup_asks (
  id text primary key,             -- by chance: it stands in buttons
  conversation text not null,
  reader text not null,
  window_name text not null,
  name text not null,
  given jsonb not null,            -- the slots known so far
  asking text,
  tries int not null default 0,    -- how often the answer was not understood
  language text not null,          -- an order number is in none
  event bigint references inbox,   -- what asked for it: taken back, or before a fresh start, it asks no more
  at timestamptz not null default now()
);
create unique index lookup_asks_open on lookup_asks (conversation, reader) where asking is not null;
create index on lookup_asks (at);

alter table lookup_asks enable row level security;
create policy reader on lookup_asks to transom_app
  using (reader = nullif(current_setting('transom.person', true), ''))
  with check (reader = nullif(current_setting('transom.person', true), ''));

-- Everybody's: a question is forgotten after an hour, a "more" button after a day, both if its message was taken back.
create function forget_lookup_asks() returns void
language sql security definer set search_path = public, pg_temp as $$
  delete from lookup_asks where at < now() - interval '1 day'
    or (asking is not null and at < now() - interval '1 hour')
    or exists (select 1 from inbox i where i.id = event and i.body is null);
$$;
revoke all on function forget_lookup_asks from public;
grant execute on function forget_lookup_asks to transom_app;

grant select, insert, update, delete on lookup_asks to transom_app;
