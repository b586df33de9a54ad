"""What the package stands on: the framework's classes, by the names that it calls them by.

This is the ground of a port on ASGI, which is Starlette. A port to a framework that has none of it
carries another module by this name (``grounds/``).
"""

from starlette.applications import Starlette as Application
from starlette.convertors import (
    CONVERTOR_TYPES,
    Convertor,
    StringConvertor,
    register_url_convertor,
)
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount, compile_path

__all__ = [
    "CONVERTOR_TYPES",
    "Application",
    "Convertor",
    "HTTPException",
    "Match",
    "Mount",
    "Request",
    "Response",
    "StringConvertor",
    "compile_path",
    "register_url_convertor",
]
