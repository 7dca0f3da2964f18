"""The one error tree of rag_core. Each message is a sentence that says where, what, and what to do."""

from typing import Literal

Reason = Literal["failed", "busy", "loading", "refused"]


class RagError(Exception):
    """Something rag_core could not do. ``retryable`` says whether trying again later can help."""

    retryable = False


class ConfigurationError(RagError):
    """A setting or a file of settings is wrong; the message names it and says how to write it."""


class DatabaseUnavailable(RagError):
    """The database cannot be reached or started."""

    retryable = True


class NoViewer(RagError):
    """A store was asked to read without a viewer. Open the connection with ``Database.viewer(groups)``."""


class UnreadableDocument(RagError):
    """A file could not be read. The message is the reason shown beside its name in the sync report."""


class AudienceConflict(RagError):
    """One file is given different audiences by two knowledge entries."""


class EmbedderUnavailable(RagError):
    """The embedder's model or server cannot be reached."""

    retryable = True


class GeneratorUnavailable(RagError):
    """The generator's model or server failed or ran out of time.

    ``reason``: ``busy`` and ``loading`` pass by themselves, ``refused`` is about this one request (too long, filtered);
    in all three the server is well. ``failed`` is everything else.
    """

    retryable = True

    def __init__(self, message: str, *, reason: Reason = "failed") -> None:
        super().__init__(message)
        self.reason = reason
