-- Documents, chunks and the search index, readable by the application only through a viewer.
-- depends:

set lock_timeout = '10s';

create extension if not exists vector;

-- Roles belong to the whole server, so another database of it may have made this one a moment ago.
do $$
begin
  create role transom_app login;
exception when duplicate_object or unique_violation then null;
end
$$;

-- So that an owner who is no superuser can hand a connection over to the application role (set role).
do $$
begin
  execute format('grant transom_app to %I', current_user);
exception when others then
  if not pg_has_role(current_user, 'transom_app', 'member') then raise; end if;
end
$$;

-- One set of interchangeable vectors: a model under its name. A new model is a new set beside the old one.
create table embedding_sets (
  id int generated always as identity primary key,
  name text not null unique,
  dimension int not null check (dimension between 1 and 4000)
);

create table collections (
  id int generated always as identity primary key,
  name text not null unique,
  may_leave_company boolean not null default false,
  embedding_set_id int references embedding_sets
);

-- Interned sets of groups: everything readable carries one small number, and policies compare numbers.
create table audiences (
  id int generated always as identity primary key,
  groups text[] not null unique check (cardinality(groups) > 0)
);

create table documents (
  id int generated always as identity primary key,
  collection_id int not null references collections on delete cascade,
  audience_id int not null references audiences,
  name text not null,              -- the path below the company folder, as people see it
  path text not null,              -- where the file lies, to draw its pages
  title text not null,
  pages int,
  sha256 bytea not null,
  reader_version int not null,
  synced_at timestamptz not null default now(),
  unique (collection_id, name)
);

-- A shard holds the postings of up to 32,768 chunks of one collection and audience. Inside it a chunk is a
-- slot (two bytes), which keeps posting lists short. The byte strings are little-endian arrays.
create table shards (
  id int generated always as identity primary key,
  collection_id int not null references collections on delete cascade,
  audience_id int not null references audiences,
  chunks int not null default 0,
  terms bigint not null default 0,           -- the sum of lengths
  lengths bytea not null default '',         -- uint16 a slot: its number of terms, 0 in a hole
  buckets int not null default 1,
  common bytea not null default '',          -- uint32 a term that has a row of its own, ascending
  common_lengths bytea not null default ''   -- uint16 a common term: in how many chunks it stands
);
create index on shards (collection_id, audience_id);

create table chunks (
  id int generated always as identity primary key,
  document_id int not null references documents on delete cascade,
  collection_id int not null references collections on delete cascade,
  audience_id int not null references audiences,
  shard_id int not null references shards on delete cascade,
  slot int not null,
  ordinal int not null,            -- its place in the document
  page int,
  heading text[] not null,
  kind text not null check (kind in ('prose', 'table', 'faq', 'law')),
  text text not null,
  unique (shard_id, slot)
);
create index on chunks (document_id);
create index on chunks (collection_id, audience_id);

-- Posting lists, many terms a row: a row a term would spend 90 bytes on each of a collection's rare bigrams.
-- bucket: 0 and up by the term's hash, -1, -2, … for the common terms. payload: see rag_core/search/postings.py.
create table postings (
  shard_id int not null references shards on delete cascade,
  bucket int not null,
  audience_id int not null references audiences,
  payload bytea not null,
  primary key (shard_id, bucket)
);

-- The expression indexes (one a set, because dimensions differ) are made when a set is built.
create table vectors (
  embedding_set_id int not null references embedding_sets on delete cascade,
  chunk_id int not null references chunks on delete cascade,
  collection_id int not null references collections on delete cascade,
  audience_id int not null references audiences,
  embedding halfvec not null,
  primary key (embedding_set_id, chunk_id)
);
create index on vectors (chunk_id);
create index on vectors (embedding_set_id, collection_id, audience_id);

-- What the product measured about a collection, per audience, so that no figure tells of documents unseen.
create table calibrations (
  collection_id int not null references collections on delete cascade,
  audience_id int not null references audiences,
  subject text not null,           -- 'fusion', 'refusal'
  language text not null,
  samples int not null,
  figures jsonb not null,
  primary key (collection_id, audience_id, subject, language)
);

-- Work done ahead of the one transaction that publishes it; a sync that is killed finds it here again.
create table staged_readings (
  name text not null,
  sha256 bytea not null,
  reader_version int not null,
  reading jsonb not null,
  primary key (name, sha256, reader_version)
);
create table staged_vectors (
  embedding_set_id int not null references embedding_sets on delete cascade,
  sha256 bytea not null,           -- of the text that was embedded
  embedding halfvec not null,
  primary key (embedding_set_id, sha256)
);

-- Files that could not be read, so that an unchanged one costs nothing and is still named each time.
create table unreadable_files (
  name text not null,
  sha256 bytea not null,
  reader_version int not null,
  reason text not null,
  primary key (name, sha256, reader_version)
);

-- The audiences the viewer of this transaction belongs to. Nobody set: an error, because a query without a
-- viewer is a mistake in our code and must not look like an empty library. No groups: no audiences.
create function visible_audiences() returns int[]
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  viewer text := current_setting('transom.groups', true);
begin
  if coalesce(viewer, '') = '' then
    raise exception 'no viewer: set transom.groups in this transaction' using errcode = 'insufficient_privilege';
  end if;
  return coalesce((select array_agg(id order by id) from audiences where groups && viewer::text[]), '{}');
end
$$;
revoke all on function visible_audiences() from public;
grant execute on function visible_audiences() to transom_app;

grant usage on schema public to transom_app;
grant select on collections, embedding_sets, documents, shards, chunks, postings, vectors, calibrations to transom_app;

do $$
declare
  readable text;
begin
  foreach readable in array array['documents', 'shards', 'chunks', 'postings', 'vectors', 'calibrations'] loop
    execute format('alter table %I enable row level security', readable);
    -- The sub-select is evaluated once a query; int4eq is leakproof, so indexes on audience_id still serve.
    execute format('create policy viewer on %I for select to transom_app'
                   ' using (audience_id = any ((select visible_audiences())::int[]))', readable);
  end loop;
end
$$;
