"""The request as a parameter of views that were Quart's, as a FastAPI dependency."""

from typing import Annotated

from fastapi import Depends

from .context import current
from .quart_request import QuartRequest


async def _request() -> QuartRequest:
    request = current().request
    assert isinstance(request, QuartRequest)
    return request


#: The request, whose form, files and data are awaited.
ViewRequest = Annotated[QuartRequest, Depends(_request)]
