-- Who has to approve a request or work on it, who stands in for whom, what was done by whom, and calls to be made.
-- depends: 0007.forms

set lock_timeout = '10s';

-- Somebody decides in somebody else's place for a while. One deputy at a time.
create table delegations (
  principal text primary key references people on delete cascade,
  deputy text not null references people on delete cascade,
  until timestamptz not null,
  made_at timestamptz not null default now(),
  check (principal <> deputy)
);
create index on delegations (deputy);

-- One thing that somebody is asked: to approve, to work on it, or only to hear of the outcome. It holds nothing that
-- people wrote: that stands in the submission and its history, behind their policies.
create table approval_tasks (
  id bigint generated always as identity primary key,
  submission bigint not null references submissions on delete cascade,
  number text not null,            -- the submission's, as people know it
  kind text not null check (kind in ('approve', 'work', 'hear')),
  step int not null,
  slot int not null,               -- who was asked for the same decision has the same step and slot
  need text not null check (need in ('all', 'any')),
  rule text not null,              -- manager:A3 (the manager of A3), group:hr, person:A5
  requester text not null,         -- an employee number who may never decide it; empty: a customer
  reader text not null,            -- whose submission it is, as its policy has them
  window_name text not null,
  form text not null,
  asked text[] not null,           -- who was asked when it began; who may decide it, entitled() says when they do
  escalates boolean not null default false,
  state text not null check (state in ('waiting', 'stuck', 'approved', 'rejected', 'done', 'cancelled', 'heard')),
  asked_at timestamptz not null default now(),
  due_at timestamptz,
  reminded_at timestamptz,
  escalated_at timestamptz,
  taken_by text,
  decided_by text,
  decided_at timestamptz
);
create index on approval_tasks (submission);
create index approval_tasks_open on approval_tasks (id) where state = 'waiting';
create index approval_tasks_due on approval_tasks (due_at) where state = 'waiting' and escalated_at is null;
create index approval_tasks_stuck on approval_tasks (id) where state = 'stuck';
create unique index approval_tasks_escalated on approval_tasks (submission, step, slot) where escalates;

-- A decision that waits for its comment: the conversation's next message.
create table awaited_comments (
  conversation text primary key,
  task bigint not null references approval_tasks on delete cascade,
  verb text not null check (verb in ('reject', 'close')),
  person text not null,
  at timestamptz not null default now()
);

-- Every step, for ever. No text that people wrote.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,             -- an employee number, an account, or "transom"
  action text not null,
  submission bigint,
  task bigint,
  event text not null default '',  -- the inbox's key: platform:account:event id
  note text not null default ''    -- a kind, such as why it was refused
);
create index on audit_log (submission);

create function audit_log_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'audit_log is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger kept before update or delete on audit_log for each row execute function audit_log_is_kept();
create trigger kept_whole before truncate on audit_log for each statement execute function audit_log_is_kept();

-- Calls of the company's systems, one a submission. What is sent is read from the submission when it is sent.
create table calls (
  submission bigint primary key references submissions on delete cascade,
  number text not null,
  reader text not null,
  window_name text not null,
  form text not null,
  decided_by text not null,
  decided_at timestamptz not null,
  state text not null default 'pending' check (state in ('pending', 'done', 'stuck')),
  attempt int not null default 0,
  next_at timestamptz not null default now(),
  touched_at timestamptz not null default now(),
  reason text                      -- a status or an error's kind
);
create index calls_open on calls (next_at) where state = 'pending';
create index calls_stuck on calls (submission) where state = 'stuck';

-- Who may decide by a rule now. Nobody decides on a request of their own, nor does their deputy on their account.
create function entitled(rule text, requester text) returns setof text
language sql stable set search_path = public, pg_temp as $$
  with named as (
    select p.employee_number from people p
    where p.employee_number <> requester and case split_part(rule, ':', 1)
      when 'manager' then p.employee_number = (select m.manager from people m where m.employee_number = substr(rule, 9))
      when 'group' then substr(rule, 7) = any (p.groups)
      when 'person' then p.employee_number = substr(rule, 8)
      else false end
  )
  select employee_number from named
  union
  select d.deputy from delegations d join named n on d.principal = n.employee_number
  where d.until > now() and d.deputy <> requester
$$;

-- The employee number of this transaction's viewer; empty for a customer.
create function viewer_number() returns text
language sql stable as $$
  select case when current_setting('transom.person', true) like 'person:%'
              then substr(current_setting('transom.person', true), 8) else '' end
$$;

-- Whether the viewer was asked something of these kinds about the submission, and still is one of those it concerns.
create function has_task(of_submission bigint, kinds text[]) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select viewer_number() <> '' and exists (
    select 1 from approval_tasks t
    where t.submission = of_submission and t.kind = any (kinds)
      and viewer_number() in (select entitled(t.rule, t.requester)))
$$;
revoke all on function has_task from public;
grant execute on function has_task to transom_app;

-- What was done to them and what is attached to them follows the submissions' own policies.
create policy asked_reads on submissions for select to transom_app using (has_task(id, '{approve,work,hear}'));
create policy asked_decides on submissions for update to transom_app
  using (has_task(id, '{approve,work}')) with check (has_task(id, '{approve,work}'));

grant select, insert, update on approval_tasks, calls to transom_app;
grant select, insert, update, delete on delegations, awaited_comments to transom_app;
grant select, insert on audit_log to transom_app;
grant usage, select on all sequences in schema public to transom_app;
