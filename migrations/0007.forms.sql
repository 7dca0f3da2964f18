-- Forms: the draft somebody is filling in, what was handed in, and an account of what became of it.
-- depends: 0006.lookups

set lock_timeout = '10s';

-- One form a conversation, as far as it is filled in. Whoever comes back after days goes on where they were.
create table drafts (
  id text primary key,             -- random: taps name it before it is written down
  conversation text not null,
  reader text not null,
  window_name text not null,
  form_name text not null,
  "values" jsonb not null,         -- field → value; null: an optional field that was skipped
  origins jsonb not null,          -- field → the platform's id of the event that filled it in, for taking it back
  asked text not null,             -- the field that was asked for; empty: the whole is to be confirmed
  editing boolean not null,        -- which field to change was asked
  language text not null,
  revision int not null,           -- grows with every change, so that nobody hands in what they did not see
  touched_at timestamptz not null default now(),
  unique (conversation, reader)
);
create index on drafts (touched_at);
create index on drafts (reader);

-- What people handed in: business records. Its values are never changed, and the sweep forgets none.
create table submissions (
  id bigint generated always as identity primary key,
  number text not null unique,     -- WINDOW-FORM-YEAR-0001
  window_name text not null,
  form_name text not null,
  event bigint not null unique references inbox,  -- one event hands in one form at most
  draft text unique,               -- what it was; null for a form that came as a whole
  reader text not null,            -- who may read it: a person, a customer's account
  employee_number text,            -- null for a customer's; no reference, because a record outlives an employment
  "values" jsonb not null,
  computed jsonb not null,
  summary text not null,
  state text not null check (state in ('waiting', 'approved', 'rejected', 'withdrawn', 'open', 'done')),
  place jsonb not null,            -- where it was handed in
  language text not null,
  created_at timestamptz not null default now(),
  touched_at timestamptz not null default now()
);
create index on submissions (reader, id);
create index on submissions (window_name, form_name, id);

-- The last number given out. It is counted in the transaction that hands in, so a number is missing nowhere.
create table submission_numbers (
  window_name text not null,
  form_name text not null,
  year int not null,
  last int not null,
  primary key (window_name, form_name, year)
);

-- What was done to a submission, by whom. Rows are only ever added.
create table submission_history (
  id bigint generated always as identity primary key,
  submission bigint not null references submissions on delete cascade,
  at timestamptz not null default now(),
  actor text not null,             -- an employee number, a customer's account, empty for ourselves
  action text not null,
  state text not null,             -- the state it had from then on
  comment text not null
);
create index on submission_history (submission, id);

-- Photos and files of a draft, and then of the submission it became.
create table submission_files (
  id uuid primary key,
  draft text references drafts on delete cascade,
  submission bigint references submissions on delete cascade,
  reader text not null,
  field text not null,
  name text not null,
  media_type text not null,
  content bytea not null check (octet_length(content) <= 20 * 1024 * 1024),
  at timestamptz not null default now(),
  check (num_nonnulls(draft, submission) = 1)
);
create index on submission_files (draft) where draft is not null;
create index on submission_files (submission) where submission is not null;

alter table drafts enable row level security;
alter table submissions enable row level security;
alter table submission_history enable row level security;
alter table submission_files enable row level security;

create policy reader on drafts to transom_app
  using (reader = nullif(current_setting('transom.person', true), ''))
  with check (reader = nullif(current_setting('transom.person', true), ''));
create policy reader on submissions to transom_app
  using (reader = nullif(current_setting('transom.person', true), ''))
  with check (reader = nullif(current_setting('transom.person', true), ''));
-- Whoever may see a submission may see what was done to it and what is attached to it: the policies on submissions
-- hold in here too, those of later migrations included.
create policy of_submission on submission_history to transom_app
  using (exists (select 1 from submissions s where s.id = submission))
  with check (exists (select 1 from submissions s where s.id = submission));
create policy own on submission_files to transom_app
  using (reader = nullif(current_setting('transom.person', true), ''))
  with check (reader = nullif(current_setting('transom.person', true), ''));
create policy of_submission on submission_files for select to transom_app
  using (submission is not null and exists (select 1 from submissions s where s.id = submission));

-- History is not rewritten, not even by the owner, unless a submission is erased as a whole (below).
create function keep_history() returns trigger
language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('transom.erasing', true) = 'on' then
    return old;
  end if;
  raise exception 'submission_history is append-only: rows are added, never changed or deleted'
    using errcode = 'insufficient_privilege';
end
$$;
create trigger append_only before update or delete on submission_history for each row execute function keep_history();
create trigger not_emptied before truncate on submission_history for each statement execute function keep_history();

-- For the company, when the law or a person's request says that records have to go: only the owner may call it.
-- Closed submissions from before that day go with their history and files; returns how many.
create function erase_submissions(before timestamptz) returns bigint
language plpgsql set search_path = public, pg_temp as $$
declare
  erased bigint;
begin
  perform set_config('transom.erasing', 'on', true);
  delete from submissions where touched_at < before and state not in ('waiting', 'open');
  get diagnostics erased = row_count;
  perform set_config('transom.erasing', '', true);
  return erased;
end
$$;
revoke all on function erase_submissions from public;

-- Nobody goes on with it any more: the draft goes, and with it its files.
create function forget_drafts(before timestamptz) returns bigint
language sql security definer set search_path = public, pg_temp as $$
  with gone as (delete from drafts where touched_at < before returning 1) select count(*) from gone;
$$;
revoke all on function forget_drafts from public;
grant execute on function forget_drafts to transom_app;

-- As before; and what a message that is unsent had filled in is taken out of the draft, and has to be filled in again.
-- An edit does not touch a form, and nothing touches what was handed in: that is a record.
create or replace function withdraw_message(
  of_platform text, of_account text, of_channel text, of_message text, before bigint
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  taken bigint[];
  unsent text[];
begin
  select array_agg(id), array_agg(event_id) into taken, unsent from inbox
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
  if before < 9223372036854775807 then  -- an edit
    return;
  end if;
  with gone as (
    select d.id, array_agg(o.key) as fields from drafts d cross join lateral jsonb_each_text(d.origins) o
    where o.value = any (unsent) group by d.id
  ), files as (
    delete from submission_files f using gone g where f.draft = g.id and f.field = any (g.fields)
  )
  update drafts d set "values" = d."values" - g.fields, origins = d.origins - g.fields, revision = d.revision + 1
  from gone g where g.id = d.id;
end
$$;

grant select, insert, update, delete on drafts to transom_app;
grant select, insert on submissions, submission_history, submission_files to transom_app;
grant update (state, touched_at) on submissions to transom_app;
grant update (draft, submission) on submission_files to transom_app;
grant delete on submission_files to transom_app;
grant select, insert, update on submission_numbers to transom_app;
