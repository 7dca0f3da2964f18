"""What conversations keep in Postgres."""

from datetime import datetime
from typing import LiteralString

from rag_core.database import Database


class UsedLoginLinks:
    """Remembers which login links were used, for all web processes together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def use(self, token_id: str, expires: datetime) -> bool:
        """Note the use and return True, or return False if the link was used before."""
        first: LiteralString = "insert into used_login_links values (%s, %s) on conflict do nothing"
        with self._database.viewer(frozenset()) as viewer:
            viewer.connection.execute("delete from used_login_links where expires_at < now()")
            return viewer.connection.execute(first, [token_id, expires]).rowcount == 1
