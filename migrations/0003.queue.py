"""The job queue's own tables, from the library that owns them: procrastinate 3.10's schema, as its package carries it.

When a newer procrastinate changes its schema, a migration of ours applies the steps its package lists.
"""

from typing import Any

from procrastinate.schema import SchemaManager
from yoyo import step

__depends__ = {"0002.login-links"}

# Whether an earlier job holds the lock is asked of every candidate. Without this index each answer reads all waiting
# jobs: with 18,000 of them a fetch took 300 ms, with it 0.7 ms.
_BY_LOCK = """
create index transom_jobs_by_lock on procrastinate_jobs (lock, id) where status in ('todo', 'doing');
"""
_GRANTS = """
grant select, insert, update, delete on
  procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers to transom_app;
grant usage, select on all sequences in schema public to transom_app;
"""


def _apply(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())
        cursor.execute(_BY_LOCK)
        cursor.execute(_GRANTS)


steps = [step(_apply)]
