"""The one error tree of rag_core. Each message is a sentence that says where, what, and what to do."""


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
    """The generator's model or server failed or ran out of time."""

    retryable = True
