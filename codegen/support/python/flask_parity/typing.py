"""Names for annotations (flask.typing): what views, hooks and handlers take and give."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .headers import Headers
from .responses import Response

HeaderValue = str | list[str] | tuple[str, ...]
HeadersValue = Headers | Mapping[str, HeaderValue] | Iterable[tuple[str, HeaderValue]]
StatusCode = int
ResponseValue = Any
#: A body, a response, or a tuple of a body with a status, headers, or both.
ResponseReturnValue = Any
ResponseClass = type[Response]

AppOrBlueprintKey = str | None
AfterRequestCallable = Callable[[Response], Response]
BeforeFirstRequestCallable = Callable[[], None]
BeforeRequestCallable = Callable[[], ResponseReturnValue | None]
ErrorHandlerCallable = Callable[[Any], ResponseReturnValue]
RouteCallable = Callable[..., ResponseReturnValue]
ShellContextProcessorCallable = Callable[[], dict[str, Any]]
TeardownCallable = Callable[[BaseException | None], None]
TemplateContextProcessorCallable = Callable[[], dict[str, Any]]
TemplateFilterCallable = Callable[..., Any]
TemplateGlobalCallable = Callable[..., Any]
TemplateTestCallable = Callable[..., bool]
URLDefaultCallable = Callable[[str, dict[str, Any]], None]
URLValuePreprocessorCallable = Callable[[str | None, dict[str, Any] | None], None]
