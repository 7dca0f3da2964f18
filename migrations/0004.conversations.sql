-- People and their accounts; the inbox, the turns and the outbox of every conversation.
-- depends: 0003.queue

set lock_timeout = '10s';

create table people (
  employee_number text primary key,
  name text not null,
  email text not null,             -- folded to lower case
  manager text,
  groups text[] not null
);
create unique index on people (email) where email <> '';

-- A human's account on one platform. Without an employee number it is a customer's.
create table identities (
  platform text not null,
  account text not null,
  user_id text not null,
  employee_number text references people on delete set null,
  bound_at timestamptz,
  unbound_at timestamptz,          -- somebody cut it: a verified e-mail alone does not bind it again
  checked_at timestamptz,          -- when the platform was last asked who this is
  language text,
  left_at timestamptz,             -- blocked us or left
  greeted_at timestamptz,
  primary key (platform, account, user_id)
);
create index on identities (employee_number);

create table bind_codes (
  code_hash bytea primary key,     -- sha256; the code itself is shown once
  employee_number text not null references people on delete cascade,
  expires_at timestamptz not null
);

create table bind_attempts (
  platform text not null,
  account text not null,
  user_id text not null,
  at timestamptz not null default now()
);
create index on bind_attempts (platform, account, user_id, at);

-- One thing a platform told us. The key stays for ever; the body goes when retention or its sender says so.
create table inbox (
  id bigint generated always as identity primary key,
  platform text not null,
  account text not null,
  event_id text not null,
  conversation text not null,
  channel text not null,
  sender text not null,
  kind text not null,
  message_id text not null,
  gesture text,                    -- one thing a person did, where the platform tells it twice
  body json,                       -- json, not jsonb: it keeps \u0000 and half characters as they came
  sent_at timestamptz not null,
  received_at timestamptz not null default now(),
  state text not null check (state in ('pending', 'working', 'done', 'ignored', 'failed', 'withdrawn')),
  attempt int not null default 0,  -- whoever commits must still hold the newest
  touched_at timestamptz not null default now(),
  reason text,                     -- why it failed: an error's kind, never text
  token text,                      -- a LINE reply token: good once, for a minute
  token_until timestamptz,
  token_batch uuid,                -- the deliveries that have it
  held_at timestamptz,             -- "still working" was said
  unique (platform, account, event_id)
);
create unique index inbox_gestures on inbox (platform, account, gesture) where gesture is not null;
create index inbox_open on inbox (conversation, id) where state in ('pending', 'working');
create index inbox_messages on inbox (platform, account, message_id) where message_id <> '';
create index inbox_tokens on inbox (conversation, token_until) where token is not null and token_batch is null;
create index inbox_failed on inbox (id) where state = 'failed';
create index inbox_asked on inbox (sender, received_at) where platform in ('web', 'api');

-- What a conversation remembers besides its turns.
create table conversations (
  name text primary key,
  window_name text,                -- chosen by hand; null: the best-matching one
  begun_after bigint not null default 0  -- events up to this one are not taken up any more
);

create table turns (
  event bigint not null references inbox,
  ordinal int not null,            -- a message may hold more than one question
  conversation text not null,
  reader text not null,            -- who may read it again: a person, an account, a channel
  window_name text not null,
  question text not null,
  answer text not null,
  refused boolean not null,        -- a gap
  citations jsonb not null,
  generator text not null,
  milliseconds real not null,
  delivery uuid not null,
  feedback text check (feedback in ('up', 'down')),
  at timestamptz not null default now(),
  primary key (event, ordinal)
);
create index on turns (conversation, event);
create index on turns (delivery);
create index on turns (at) where refused;

create table outbox (
  id uuid primary key,
  position bigint generated always as identity unique,  -- the order within a conversation
  event bigint not null references inbox,
  ordinal int not null,            -- 0 is the reply; -1 is "still working"
  made_by int not null,            -- the attempt at the event that writes it
  conversation text not null,
  platform text not null,
  account text not null,
  place jsonb not null,
  sender text not null,
  message_id text not null,
  window_name text not null default '',
  kind text not null check (kind in ('reply', 'holding', 'home')),
  reply jsonb,                     -- null while it streams, and when it was purged
  state text not null check (state in
    ('streaming', 'pending', 'sending', 'parked', 'sent', 'failed', 'uncertain', 'withdrawn')),
  attempt int not null default 0,
  doubtful boolean not null default false,
  batch uuid,                      -- sent in one request with the others of this batch
  token text,
  progress text not null default '',
  next_at timestamptz not null default now(),
  begun_at timestamptz not null default now(),
  touched_at timestamptz not null default now(),
  pushed_at timestamptz,
  sent_at timestamptz,
  platform_ids text[] not null default '{}',
  reason text,
  unique (event, ordinal)
);
create index outbox_open on outbox (conversation, position) where state in ('pending', 'sending');
create index outbox_parked on outbox (conversation) where state = 'parked';
create index outbox_pushes on outbox (account, window_name, pushed_at) where pushed_at is not null;
create index outbox_failed on outbox (position) where state in ('failed', 'uncertain');

-- The checked sentences of a reply while it streams; gone when it is whole.
create table parts (
  delivery uuid not null references outbox on delete cascade,
  made_by int not null,
  number int not null,
  text text not null,
  primary key (delivery, made_by, number)
);

-- Files that people offered for a window's knowledge.
create table offers (
  id bigint generated always as identity primary key,
  event bigint not null unique references inbox,
  employee_number text not null,
  window_name text not null,
  name text not null,
  content bytea not null,
  at timestamptz not null default now()
);

alter table turns enable row level security;
create policy reader on turns to transom_app
  using (reader = nullif(current_setting('transom.person', true), ''))
  with check (reader = nullif(current_setting('transom.person', true), ''));

-- A message its sender has taken back: unanswered, it is not answered; answered, nothing of it is kept.
-- An edit takes back what stood there before it.
create function withdraw_message(of_platform text, of_account text, of_channel text, of_message text, before bigint)
returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  taken bigint[];
begin
  select array_agg(id) into taken from inbox
    where platform = of_platform and account = of_account and channel = of_channel and message_id = of_message
      and kind in ('message', 'file', 'sticker', 'edit') and id < before;
  update inbox set body = null, touched_at = now(),
      state = case when state in ('pending', 'working') then 'withdrawn' else state end
    where id = any (taken);
  delete from turns where event = any (taken);
  delete from offers where event = any (taken);
  delete from parts where delivery in (select id from outbox where event = any (taken));
  update outbox set reply = null, touched_at = now(),
      state = case when state in ('streaming', 'pending', 'parked') then 'withdrawn' else state end
    where event = any (taken);
end
$$;
revoke all on function withdraw_message from public;
grant execute on function withdraw_message to transom_app;

-- Retention: keys, states and counts stay; what people wrote and what we said goes.
create function forget_texts(before timestamptz) returns void
language sql security definer set search_path = public, pg_temp as $$
  update inbox set body = null where body is not null and received_at < before and state not in ('pending', 'working');
  update turns set question = '', answer = '', citations = '[]' where question <> '' and at < before;
  update outbox set reply = null where reply is not null and touched_at < before
    and state in ('sent', 'failed', 'uncertain', 'withdrawn');
  delete from bind_codes where expires_at < now();
  delete from bind_attempts where at < now() - interval '1 day';
$$;
revoke all on function forget_texts from public;
grant execute on function forget_texts to transom_app;

grant select, insert, update on inbox, outbox, conversations, identities to transom_app;
grant select, insert, update, delete on turns, parts, bind_codes, bind_attempts to transom_app;
grant select on people to transom_app;
grant select, insert, delete on offers to transom_app;
grant usage, select on all sequences in schema public to transom_app;
create index inbox_conversation on inbox (conversation, id);
