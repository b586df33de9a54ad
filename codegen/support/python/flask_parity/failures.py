"""The errors that reading a request raises, under the names of ``werkzeug.exceptions``."""

from .ground import HTTPException

_CODES = {
    "BadRequest": 400,
    "ClientDisconnected": 400,
    "SecurityError": 400,
    "RequestEntityTooLarge": 413,
    "UnsupportedMediaType": 415,
}


def failure(name: str, description: str | None = None) -> Exception:
    """An instance of ``flask_parity.exceptions.<name>``."""
    try:
        from . import exceptions  # it comes after this module
    except ImportError:
        return HTTPException(_CODES[name], description)
    return getattr(exceptions, name)(description)
