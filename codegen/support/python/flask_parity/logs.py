"""The app's logger as Flask sets it up (flask.logging)."""

import logging
import sys
from typing import Any


class _Handler(logging.StreamHandler[Any]):
    """Writes to standard error as it is at that moment."""

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, value: Any) -> None:
        pass


default_handler = _Handler()
default_handler.setFormatter(
    logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")
)


def create_logger(app: Any) -> logging.Logger:
    """The logger of the app's name; it writes to standard error unless somebody else does."""
    logger = logging.getLogger(app.state.name)
    if app.state.config["DEBUG"] and not logger.level:
        logger.setLevel(logging.DEBUG)
    if not _is_handled(logger):
        logger.addHandler(default_handler)
    return logger


def _is_handled(logger: logging.Logger) -> bool:
    level = logger.getEffectiveLevel()
    current: logging.Logger | None = logger
    while current:
        if any(handler.level <= level for handler in current.handlers):
            return True
        if not current.propagate:
            break
        current = current.parent
    return False
