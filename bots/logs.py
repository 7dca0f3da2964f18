"""Logs for people who keep it running: one line an event, ids and kinds only, never bodies, tokens or personal data."""

import logging
import sys

import structlog


def set_up_logs(level: str) -> None:
    """Send structured lines at ``level`` and above to standard error."""
    for name in ("procrastinate", "psycopg.pool"):  # they log exceptions whole; what they say we say by kind
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.KeyValueRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
