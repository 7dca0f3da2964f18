"""SQL of what workers found of the model."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

STATES = ("closed", "half-open", "open")  # from well to worst


@dataclass(frozen=True, slots=True)
class ModelState:
    """One worker's breaker. ``since`` says since when it is closed, or since when it is not."""

    worker: str
    model: str
    state: str
    since: datetime


def note(connection: psycopg.Connection, worker: str, model: str, state: str) -> None:
    """Write down this worker's state, and forget workers that nobody has seen for an hour."""
    query = """
    insert into model_states as s (worker, model, state) values (%s, %s, %s)
    on conflict (worker) do update
      set model = excluded.model, state = excluded.state, seen = now(),
          since = case when s.model = excluded.model and (s.state = 'closed') = (excluded.state = 'closed')
                  then s.since else now() end
    """  # a trial that fails begins nothing new: the model has been out of order all along
    connection.execute(query, [worker, model, state])
    connection.execute("delete from model_states where seen < now() - interval '1 hour'")


def states(connection: psycopg.Connection) -> list[ModelState]:
    """Return the states of the workers seen within a minute, by the workers' names."""
    query = """
    select worker, model, state, since from model_states where seen > now() - interval '1 minute' order by worker
    """
    with connection.cursor(row_factory=class_row(ModelState)) as cursor:
        return cursor.execute(query).fetchall()
