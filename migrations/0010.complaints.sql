-- Complaints: what customers filed by a form, and what was imported, kept as one thing for all departments.
-- depends: 0009.notifications

set lock_timeout = '10s';

-- One complaint. What becomes of it is not written here as long as people work on it: that is the submission's, and
-- the view below puts both together, so that they cannot say different things.
create table complaints (
  id bigint generated always as identity primary key,
  submission bigint unique references submissions on delete cascade,  -- null: imported, and handed over to nobody yet
  reader text not null,            -- who may read it: as the submission has them, or import:WINDOW:KEY
  source text not null check (source in ('line', 'slack', 'web', 'api') or source like 'import:%'),
  source_key text not null unique, -- submission:ID, or WINDOW and what makes an imported row the same one again
  channel text not null,           -- where people said it
  at timestamptz not null,
  window_name text not null,
  product text,
  text text not null,
  theme text not null,             -- empty: none was found yet
  theme_by text not null check (theme_by in ('person', 'terms')),  -- chosen by somebody, or by its words
  sentiment text not null check (sentiment in ('negative', 'neutral', 'positive')),
  score real not null check (score between -1 and 1),
  answer text not null default '', -- and
  closed_at timestamptz,           -- of what was answered elsewhere: the import says so, or a command
  made_at timestamptz not null default now()
);
create index on complaints (window_name, at);
create index complaints_without_theme on complaints (window_name) where theme = '';

alter table complaints enable row level security;
create policy reader on complaints to transom_app
  using (reader = nullif(current_setting('transom.person', true), ''))
  with check (reader = nullif(current_setting('transom.person', true), ''));
-- Whoever works on it, or is to hear of it, may read it: the policies on submissions hold in here too.
create policy of_submission on complaints for select to transom_app
  using (submission is not null and exists (select 1 from submissions s where s.id = submission));

-- What people write holds telephone numbers and addresses. Nobody but those who work on it gets to see them.
create function without_contact(text) returns text
language sql immutable parallel safe as $$
  select regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    translate($1, '０１２３４５６７８９－＠', '0123456789-@'),
    '[[:alnum:]._%+-]+@[[:alnum:]-]+(\.[[:alnum:]-]+)+', '…', 'g'),
    '\m(line|ig|wechat|telegram)\s*(id)?\s*[:：]\s*@?[a-z0-9._-]{3,}', '…', 'gi'),
    '(?<![0-9A-Za-z])(\+?886|0)([ ()-]*[0-9]){7,10}(?![0-9])', '…', 'g'),
    '(?<![0-9A-Za-z])[0-9]{4}([ -]?[0-9]{4}){2}[ -]?[0-9]{1,4}(?![0-9])', '…', 'g')
$$;

-- Who works on it now: who took it and still may. Others may take what somebody left.
create function working_on(of_submission bigint) returns text
language sql stable security definer set search_path = public, pg_temp as $$
  select t.taken_by from approval_tasks t
  where t.submission = of_submission and t.kind = 'work' and t.state = 'waiting'
    and t.taken_by in (select entitled(t.rule, t.requester))
  order by t.id desc limit 1
$$;
revoke all on function working_on from public;
grant execute on function working_on to transom_lookup;

-- For look-ups and lists. It is read as its owner, past the policies, so it holds nothing of who complained: no reader,
-- no contact, only the last three digits of a telephone number that was left, by which customers find their own.
create view company.filed_complaints as
select c.id,
       coalesce(s.number, upper(c.window_name) || '-R' || c.id) as number,
       c.window_name,
       s.form_name,
       c.at,
       c.source,
       c.channel,
       without_contact(c.product) as product,
       c.theme,
       c.sentiment,
       c.score,
       without_contact(c.text) as text,
       case when coalesce(closed.comment, c.answer) <> '' then 'answered'
            when closed.at is not null or c.closed_at is not null or s.state in ('rejected', 'withdrawn') then 'closed'
            when taken.by is not null then 'taken'
            else 'open' end as state,
       coalesce(closed.actor, taken.by) as assigned_to,
       without_contact(coalesce(nullif(closed.comment, ''), c.answer)) as answer,
       coalesce(closed.at, c.closed_at, case when s.state in ('rejected', 'withdrawn') then s.touched_at end)
         as answered_at,
       case when length(left_number.digits) >= 8 then right(left_number.digits, 3) end as phone_last3
from complaints c
left join submissions s on s.id = c.submission
left join lateral (
  select h.actor, h.at, h.comment from submission_history h
  where h.submission = s.id and h.action = 'closed' order by h.id desc limit 1
) closed on true
left join lateral (select case when s.state = 'open' then working_on(s.id) end as by) taken on true
left join lateral (
  select regexp_replace(coalesce(s."values" ->> 'phone', s."values" ->> 'mobile', s."values" ->> 'contact', ''),
                        '\D', '', 'g') as digits
) left_number on true;
grant select on company.filed_complaints to transom_lookup;

grant select, insert on complaints to transom_app;
grant update (submission) on complaints to transom_app;
grant usage, select on all sequences in schema public to transom_app;
