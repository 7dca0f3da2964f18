"""The database schema, as numbered SQL files applied in order."""
