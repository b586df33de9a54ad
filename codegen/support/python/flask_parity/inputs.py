"""Parameters of views: query arguments, form fields, files and body as FastAPI dependencies."""

from typing import Annotated

from fastapi import Depends

from .body import Body
from .context import current
from .multidict import MultiDict, parse_query


async def _query() -> MultiDict:
    return parse_query(current().scope["query_string"])


async def _body() -> Body:
    request = current().request
    assert request is not None
    return await request.body.load()


async def _form() -> MultiDict:
    return (await _body()).form


async def _files() -> MultiDict:
    return (await _body()).files


#: Query arguments: the first of repeated keys, ``get(key, default, type=int)``.
QueryArgs = Annotated[MultiDict, Depends(_query)]
#: Form fields; a missing one is a 400.
FormFields = Annotated[MultiDict, Depends(_form)]
#: Uploaded files.
UploadedFiles = Annotated[MultiDict, Depends(_files)]
#: The body as JSON, raw bytes, or query and form together.
RequestBody = Annotated[Body, Depends(_body)]
