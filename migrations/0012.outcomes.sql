-- Calls tell other systems the outcome of confirmations too; schedules may pass over days on which nobody works.
-- depends: 0011.web

set lock_timeout = '10s';

-- Where the outcome is told; null: nowhere, it is asked for. One that is told is noted as expired, so that an answer
-- that was under way comes either before it or too late.
alter table confirmations add column callback text;
alter table confirmations drop constraint confirmations_state_check;
alter table confirmations add constraint confirmations_state_check
  check (state in ('pending', 'approved', 'denied', 'expired'));
create index confirmations_expiring on confirmations (expires_at) where state = 'pending' and callback is not null;

-- A call is of a submission or of a confirmation, one each. Of a confirmation "number" is its id, "form" null, and
-- "decided_at" when it was answered or ran out. A worker of the version before passes the new ones over.
alter table calls add column id bigint generated always as identity;
alter table calls drop constraint calls_pkey;
alter table calls add primary key (id);
alter table calls add unique (submission);
alter table calls alter column submission drop not null;
alter table calls alter column form drop not null;
alter table calls add column confirmation uuid unique references confirmations on delete cascade;
alter table calls add check (num_nonnulls(submission, confirmation) = 1);
drop index calls_stuck;
create index calls_stuck on calls (id) where state = 'stuck';

-- Skipped, with "day off" for a reason: its minute fell on a day on which the company does not work.
alter table notification_runs drop constraint notification_runs_state_check;
alter table notification_runs add constraint notification_runs_state_check
  check (state in ('waiting', 'telling', 'told', 'missed', 'failed', 'stopped', 'skipped'));

-- As before; and where an outcome was told: what stands behind the host may name somebody.
create or replace function forget_notifications(before timestamptz) returns void
language sql security definer set search_path = public, pg_temp as $$
  delete from notification_words w using notification_runs r where r.id = w.run and r.made_at < before;
  delete from notification_responses a using notification_runs r where r.id = a.run and r.made_at < before;
  update notification_runs set words = '{}' where words <> '{}' and made_at < before;
  delete from confirmation_words w using confirmations c where c.id = w.confirmation and c.made_at < before;
  update confirmations c set callback = null
  where callback is not null and made_at < before and state <> 'pending'
    and not exists (select 1 from calls l where l.confirmation = c.id and l.state = 'pending');
$$;
