-- What each worker found of the model that writes answers, so that other processes can tell.
-- depends: 0004.conversations

set lock_timeout = '10s';

create table model_states (
  worker text primary key,         -- a process: its machine and number
  model text not null,
  state text not null check (state in ('closed', 'open', 'half-open')),
  since timestamptz not null default now(),  -- since when closed, or since when not
  seen timestamptz not null default now()
);

grant select, insert, update, delete on model_states to transom_app;
