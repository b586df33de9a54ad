"""Parameters of views: the request and what it carries, as FastAPI dependencies.

Each is read and parsed once a request, also when hooks and helpers ask for it too.
"""

from typing import Annotated

from fastapi import Depends

from .body import Body
from .context import current
from .multidict import ImmutableMultiDict
from .request import CurrentRequest
from .requestheaders import EnvironHeaders


def _current() -> CurrentRequest:
    request = current().request
    assert request is not None
    return request


async def _request() -> CurrentRequest:
    return _current()


async def _query() -> ImmutableMultiDict:
    return _current().body.args


async def _body() -> Body:
    return await _current().body.load()


async def _form() -> ImmutableMultiDict:
    return (await _current().body.load_form()).form


async def _files() -> ImmutableMultiDict:
    return (await _current().body.load_form()).files


async def _cookies() -> ImmutableMultiDict:
    return _current().cookies


async def _headers() -> EnvironHeaders:
    return _current().headers


#: The request itself, with the interface of ``flask.Request``.
ViewRequest = Annotated[CurrentRequest, Depends(_request)]
#: Query arguments: the first of repeated keys, ``get(key, default, type=int)``.
QueryArgs = Annotated[ImmutableMultiDict, Depends(_query)]
#: Form fields; a missing one is a 400.
FormFields = Annotated[ImmutableMultiDict, Depends(_form)]
#: Uploaded files.
UploadedFiles = Annotated[ImmutableMultiDict, Depends(_files)]
#: The body as JSON, raw bytes, or query and form together.
RequestBody = Annotated[Body, Depends(_body)]
#: Cookies; the first of repeated names.
RequestCookies = Annotated[ImmutableMultiDict, Depends(_cookies)]
#: Headers, names without regard to case.
RequestHeaders = Annotated[EnvironHeaders, Depends(_headers)]
