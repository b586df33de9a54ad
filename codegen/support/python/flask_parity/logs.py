"""The app's logger as Flask sets it up (flask.logging)."""

import logging
import sys
from typing import Any


class _ErrorStream:
    """Standard error as it is at that moment (flask.logging.wsgi_errors_stream)."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


#: For handlers of the app's own; in a dict of settings it is ``ext://flask_parity.logs.error_stream``.
error_stream: Any = _ErrorStream()

#: What :func:`create_logger` adds; ``logger.removeHandler(default_handler)`` takes it away again.
default_handler: logging.Handler = logging.StreamHandler(error_stream)
default_handler.setFormatter(
    logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")
)


def has_level_handler(logger: logging.Logger) -> bool:
    """Whether a handler of the logger, or of one above it, takes what is of its level."""
    level = logger.getEffectiveLevel()
    current: logging.Logger | None = logger
    while current:
        if any(handler.level <= level for handler in current.handlers):
            return True
        if not current.propagate:
            break
        current = current.parent
    return False


def create_logger(app: Any) -> logging.Logger:
    """The logger of the app's name; it writes to standard error unless somebody else does.

    Its level is DEBUG when the configuration says so. Flask makes it at the first ``app.logger``:
    what has set up logging before that keeps the default handler out.
    """
    logger = logging.getLogger(app.state.name)
    if app.state.config["DEBUG"] and not logger.level:
        logger.setLevel(logging.DEBUG)
    if not has_level_handler(logger):
        logger.addHandler(default_handler)
    return logger
