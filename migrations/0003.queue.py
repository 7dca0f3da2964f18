"""The job queue's own tables, from the library that owns them: procrastinate 3.10's schema, as its package carries it.

When a newer procrastinate changes its schema, a migration of ours applies the steps its package lists.
"""

from typing import Any

from procrastinate.schema import SchemaManager
from yoyo import step

__depends__ = {"0002.login-links"}

_GRANTS = """
grant select, insert, update, delete on
  procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers to transom_app;
grant usage, select on all sequences in schema public to transom_app;
"""


def _apply(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())
        cursor.execute(_GRANTS)


steps = [step(_apply)]
