-- Which login links have been used: each works once, however many web processes there are.
-- depends: 0001.documents-and-search

create table used_login_links (
  id text primary key,
  expires_at timestamptz not null
);
create index on used_login_links (expires_at);

grant select, insert, delete on used_login_links to transom_app;
