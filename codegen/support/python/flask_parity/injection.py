"""Which parameters of a view the framework fills in."""

import inspect

from .ground import Request


def is_injected(parameter: inspect.Parameter) -> bool:
    """The request, and what is ``Annotated`` with a dependency."""
    kind = parameter.annotation
    if kind is parameter.empty:  # as Starlette's endpoints have it
        return parameter.name == "request"
    return kind is Request or hasattr(kind, "__metadata__")
