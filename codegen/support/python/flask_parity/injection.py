"""Which parameters of a view FastAPI fills in."""

from typing import Any

from starlette.requests import Request


def is_injected(annotation: Any) -> bool:
    """The request, and what is ``Annotated`` with a dependency."""
    return annotation is Request or hasattr(annotation, "__metadata__")
