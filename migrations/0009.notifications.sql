-- What windows tell on their own account: runs, whom they go to, what was answered; and confirmations asked for by API.
-- depends: 0008.approvals

set lock_timeout = '10s';

-- Up to when a schedule has been followed. A notification seen for the first time begins now.
create table notification_ticks (
  window_name text not null,
  name text not null,
  schedule text not null,          -- another one begins anew
  ticked_at timestamptz not null,
  primary key (window_name, name)
);

-- One telling of a notification. The key: the due minute, or what the caller chose; one run a key, for ever.
create table notification_runs (
  id uuid primary key,
  window_name text not null,
  name text not null,
  key text not null,
  source text not null check (source in ('schedule', 'api', 'command')),
  order_hash bytea not null default '',  -- of what was asked for: the same key with something else is refused
  notification jsonb not null,     -- as the window file had it then: a button's number stays what it was
  who jsonb not null,              -- as the file or the caller has it: groups, people or sql
  words jsonb not null default '{}', -- what the caller puts into the text
  state text not null check (state in ('waiting', 'telling', 'told', 'missed', 'failed', 'stopped')),
  due_at timestamptz not null,
  next_at timestamptz not null,    -- after quiet hours, or trouble
  attempt int not null default 0,
  made_at timestamptz not null default now(),
  touched_at timestamptz not null default now(),
  told_at timestamptz,
  remind_at timestamptz,           -- null: nobody is to be reminded (any more)
  reason text,                     -- why it failed: a kind, never text
  unique (window_name, name, key)
);
create index notification_runs_open on notification_runs (next_at) where state in ('waiting', 'telling');
create index notification_runs_remind on notification_runs (remind_at) where remind_at is not null and state = 'told';
create index on notification_runs (made_at);

-- Whom a run goes to. It holds nothing that people wrote.
create table notification_recipients (
  run uuid not null references notification_runs on delete cascade,
  recipient text not null,         -- a reader: "person:A0108", or an account, "line:shop:U…"
  state text not null check (state in ('pending', 'queued', 'told', 'unreachable', 'opted_out', 'skipped')),
  platform text,                   -- where they were told
  account text,
  user_id text,
  told_at timestamptz,
  reminded_at timestamptz,
  responded_at timestamptz,
  primary key (run, recipient)
);
create index notification_recipients_pending on notification_recipients (run, recipient) where state = 'pending';
create index notification_recipients_silent on notification_recipients (run, recipient)
  where state = 'told' and responded_at is null and reminded_at is null;

-- What stands in the text for one recipient alone.
create table notification_words (
  run uuid not null,
  recipient text not null,
  words jsonb not null,
  primary key (run, recipient),
  foreign key (run, recipient) references notification_recipients on delete cascade
);

-- What was answered. The last one counts, the others are kept.
create table notification_responses (
  id bigint generated always as identity primary key,
  run uuid not null,
  recipient text not null,
  value text not null,
  at timestamptz not null default now(),
  foreign key (run, recipient) references notification_recipients on delete cascade
);
create index on notification_responses (run, recipient, id);

create table notification_opt_outs (
  recipient text not null,
  window_name text not null,
  name text not null,
  at timestamptz not null default now(),
  primary key (recipient, window_name, name)
);

-- A second pair of eyes, asked for by another system: one person, one answer, until it expires.
create table confirmations (
  id uuid primary key,
  client text not null,
  key text not null,
  order_hash bytea not null,
  window_name text not null,
  recipient text not null,
  state text not null default 'pending' check (state in ('pending', 'approved', 'denied')),
  made_at timestamptz not null default now(),
  expires_at timestamptz not null,
  answered_at timestamptz,
  unique (client, key)
);
create index confirmations_open on confirmations (recipient, expires_at) where state = 'pending';

create table confirmation_words (
  confirmation uuid primary key references confirmations on delete cascade,
  recipient text not null,
  text text not null
);

-- What concerns one reader is written down by whoever tells it, and read by that reader alone.
alter table notification_words enable row level security;
create policy teller on notification_words for insert to transom_app with check (true);
create policy reader on notification_words for select to transom_app
  using (recipient = nullif(current_setting('transom.person', true), ''));

alter table confirmation_words enable row level security;
create policy teller on confirmation_words for insert to transom_app with check (true);
create policy reader on confirmation_words for select to transom_app
  using (recipient = nullif(current_setting('transom.person', true), ''));

alter table notification_responses enable row level security;
create policy reader on notification_responses to transom_app
  using (recipient = nullif(current_setting('transom.person', true), ''))
  with check (recipient = nullif(current_setting('transom.person', true), ''));

-- Who answered what, for whoever looks after the run.
create function notification_results(of_run uuid)
returns table (recipient text, name text, state text, value text, at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select r.recipient, coalesce(p.name, ''), r.state, coalesce(a.value, ''), a.at
  from notification_recipients r
  left join people p on r.recipient = 'person:' || p.employee_number
  left join lateral (select value, at from notification_responses a
                     where a.run = r.run and a.recipient = r.recipient order by id desc limit 1) a on true
  where r.run = of_run
  order by r.recipient
$$;
revoke all on function notification_results from public;
grant execute on function notification_results to transom_app;

-- Retention: runs, whom they reached, states and times stay; what was said and answered goes.
create function forget_notifications(before timestamptz) returns void
language sql security definer set search_path = public, pg_temp as $$
  delete from notification_words w using notification_runs r where r.id = w.run and r.made_at < before;
  delete from notification_responses a using notification_runs r where r.id = a.run and r.made_at < before;
  update notification_runs set words = '{}' where words <> '{}' and made_at < before;
  delete from confirmation_words w using confirmations c where c.id = w.confirmation and c.made_at < before;
$$;
revoke all on function forget_notifications from public;
grant execute on function forget_notifications to transom_app;

grant select, insert, update on notification_ticks, notification_runs, notification_recipients, confirmations
  to transom_app;
grant select, insert on notification_words, notification_responses, confirmation_words to transom_app;
grant select, insert, delete on notification_opt_outs to transom_app;
grant usage, select on all sequences in schema public to transom_app;
