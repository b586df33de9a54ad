"""The request's body: read once, when somebody asks, by whoever may wait for it."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

from .bodystream import CHUNK, BodyStream, LimitedStream
from .failures import failure
from .headervalues import content_length, parse_options
from .multidict import CombinedMultiDict, ImmutableMultiDict, MultiDict, parse_query
from .multipart import FormParser
from .requestheaders import EnvironHeaders

#: Bodies up to this size are brought in before the view runs, when it is known to want them.
PREFETCH = 1024 * 1024

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_UNSET: Any = object()


class Body:
    """Form fields, files, JSON and raw bytes of one request (werkzeug.wrappers.Request).

    The properties read it in the request's thread, where waiting is allowed. ``await load()``
    brings it in on the event loop before, so that they need not wait. The stream can be read
    once: ``get_data`` keeps what it reads, a form that was parsed leaves nothing.
    """

    # What is asked for is kept; most requests ask for little.
    _memory_limit: Any = _UNSET
    _part_limit: Any = _UNSET
    _headers: EnvironHeaders | None = None
    _args: ImmutableMultiDict | None = None
    _options: tuple[str, dict[str, str]] | None = None
    _source: BodyStream | None = None
    _stream: Any = None
    _raw: bytes | None = None
    _form: ImmutableMultiDict | None = None
    _files: ImmutableMultiDict | None = None
    _values: CombinedMultiDict | None = None

    def __init__(
        self, scope: Any, receive: Any, limit: int | None, fetch: Callable[[Any], Any]
    ) -> None:
        self._scope, self._receive, self._fetch = scope, receive, fetch
        self._limit: Any = limit
        self._json: list[Any] = [_UNSET, _UNSET]

    # ---- what the headers say

    @property
    def headers(self) -> EnvironHeaders:
        if self._headers is None:
            # HTTP/2 splits the cookies, and they are joined by a semicolon again (RFC 9113).
            joiner = "," if str(self._scope.get("http_version", "1.1")) < "2" else "; "
            self._headers = EnvironHeaders(self._scope["headers"], joiner)
        return self._headers

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")

    @property
    def content_length(self) -> int | None:
        """None when the body is chunked or there is none."""
        values = self.headers.by_name
        return content_length(values.get("content-length"), values.get("transfer-encoding"))

    def _content_options(self) -> tuple[str, dict[str, str]]:
        if self._options is None:
            value, options = parse_options(self.headers.get("content-type", ""))
            self._options = value.lower(), options
        return self._options

    @property
    def mimetype(self) -> str:
        return self._content_options()[0]

    @property
    def mimetype_params(self) -> dict[str, str]:
        return self._content_options()[1]

    @property
    def is_json(self) -> bool:
        mimetype = self.mimetype
        return mimetype == "application/json" or (
            mimetype.startswith("application/") and mimetype.endswith("+json")
        )

    @property
    def want_form_data_parsed(self) -> bool:
        return bool(self.content_type)

    # ---- limits: of the configuration, unless set on the request

    @property
    def _config(self) -> Any:
        return getattr(getattr(self._scope.get("app"), "state", None), "config", {})

    @property
    def max_content_length(self) -> int | None:
        """A body above it is a 413, when it is read."""
        return self._limit

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._limit = self._config.get("MAX_CONTENT_LENGTH") if value is None else value

    @property
    def max_form_memory_size(self) -> int | None:
        """A text part of a multipart body above it is a 413."""
        if self._memory_limit is _UNSET or self._memory_limit is None:
            return self._config.get("MAX_FORM_MEMORY_SIZE", 500_000)
        return self._memory_limit

    @max_form_memory_size.setter
    def max_form_memory_size(self, value: int | None) -> None:
        self._memory_limit = value

    @property
    def max_form_parts(self) -> int | None:
        """More parts in a multipart body are a 413."""
        if self._part_limit is _UNSET or self._part_limit is None:
            return self._config.get("MAX_FORM_PARTS", 1_000)
        return self._part_limit

    @max_form_parts.setter
    def max_form_parts(self, value: int | None) -> None:
        self._part_limit = value

    # ---- bytes

    @property
    def input_stream(self) -> BodyStream:
        """The body without the limit."""
        if self._source is None:
            values = self.headers.by_name
            length = values.get("content-length")
            none = length is None and "transfer-encoding" not in values
            http1 = str(self._scope.get("http_version", "1.1")) < "2"
            empty = length == "0" or (none and http1)
            self._source = BodyStream(self._receive, self._fetch, empty=empty)
        return self._source

    @property
    def stream(self) -> Any:
        """The body as a file, to be read once (werkzeug.wsgi.get_input_stream)."""
        if self._stream is None:
            limit, length = self.max_content_length, self.content_length
            if limit is not None and length is not None and length > limit:
                raise failure("RequestEntityTooLarge")
            source = self.input_stream
            self._stream = source if limit is None else LimitedStream(source, limit)
        return self._stream

    async def load(self, most: int | None = PREFETCH) -> "Body":
        """Brings a body of a known size up to ``most`` in; any body with None (async views)."""
        if self._raw is None and self._form is None:
            limit, length = self.max_content_length, self.content_length
            refused = limit is not None and (length or 0) > limit
            if not refused and (most is None or (length is not None and length <= most)):
                await self.input_stream.fill(None if limit is None else limit + 1)
        return self

    def get_data(
        self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False
    ) -> Any:
        """All bytes; nothing once the form was parsed."""
        raw = self._raw
        if raw is None:
            if parse_form_data:
                self._load_form()
            raw = self.stream.read()
            if cache:
                self._raw = raw
        return raw.decode(errors="replace") if as_text else raw

    @property
    def data(self) -> bytes:
        """The bytes; empty when they are a form."""
        return self.get_data(parse_form_data=True)

    # ---- forms

    def _parser(self) -> FormParser | None:
        boundary = self.mimetype_params.get("boundary", "")
        try:
            return FormParser(boundary, self.max_form_memory_size, self.max_form_parts)
        except ValueError:  # no boundary
            return None

    def _keep(self, fields: Any = None, files: Any = None) -> None:
        self._form, self._files = ImmutableMultiDict(fields), ImmutableMultiDict(files)

    def _load_form(self) -> None:
        if self._form is not None:
            return
        mimetype = self.mimetype
        # What was kept can be read from the stream again, once the form was asked for.
        if self._raw is not None and self.want_form_data_parsed:
            self._stream = BytesIO(self._raw)
        stream = self.stream
        if mimetype == URLENCODED:
            try:
                self._form = parse_query(stream.read())
                self._files = ImmutableMultiDict()
            except ValueError:  # not UTF-8
                self._keep()
        elif mimetype == MULTIPART and (parser := self._parser()):
            try:
                while data := stream.read(CHUNK):
                    parser.feed(data)
                parser.end()
            except ValueError:
                self._keep()
            else:
                self._keep(parser.fields, parser.files)
        else:
            self._keep()

    async def load_form(self) -> "Body":
        """Parses the form on the event loop."""
        if self._form is not None:
            return self
        if self._raw is None and self.mimetype in (URLENCODED, MULTIPART):
            stream, source = self.stream, self.input_stream
            if self.mimetype == URLENCODED:
                limit = self.max_content_length
                await source.fill(None if limit is None else limit + 1)
            elif parser := self._parser():
                try:
                    while True:
                        await source.fill(CHUNK)
                        if not (data := stream.read(CHUNK)):
                            break
                        parser.feed(data)
                    parser.end()
                except ValueError:
                    self._keep()
                else:
                    self._keep(parser.fields, parser.files)
        self._load_form()
        return self

    @property
    def form(self) -> ImmutableMultiDict:
        if self._form is None:
            self._load_form()
        return self._form  # type: ignore[return-value]

    @property
    def files(self) -> ImmutableMultiDict:
        if self._files is None:
            self._load_form()
        return self._files  # type: ignore[return-value]

    @property
    def args(self) -> ImmutableMultiDict:
        if self._args is None:
            self._args = parse_query(self._scope["query_string"])
        return self._args

    @property
    def values(self) -> CombinedMultiDict:
        """Query arguments, then form fields, of which a GET has none."""
        if self._values is None:
            sources: list[MultiDict] = [self.args]
            if self._scope["method"] != "GET":
                sources.append(self.form)
            self._values = CombinedMultiDict(sources)
        return self._values

    def close(self) -> None:
        """Closes the uploaded files."""
        for _, file in (self._files or ImmutableMultiDict()).items(multi=True):
            file.close()

    # ---- JSON

    @property
    def json(self) -> Any:
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The parsed body; 415 on another mimetype, 400 when it is malformed."""
        if cache and self._json[silent] is not _UNSET:
            return self._json[silent]
        if not (force or self.is_json):
            return None if silent else self.on_json_loading_failed(None)
        data = self.get_data(cache=cache)
        try:
            found = self._loads(data)
        except ValueError as error:
            found = None if silent else self.on_json_loading_failed(error)
            if cache:
                self._json[silent] = found
        else:
            if cache:
                self._json = [found, found]
        return found

    def _loads(self, data: bytes) -> Any:
        provider = getattr(getattr(self._scope.get("app"), "state", None), "json", None)
        return json.loads(data) if provider is None else provider.loads(data)

    def on_json_loading_failed(self, error: ValueError | None) -> Any:
        """Raises (flask.wrappers.Request); the reason is told in debug mode only."""
        if error is None:
            raise failure(
                "UnsupportedMediaType",
                "Did not attempt to load JSON data because the request Content-Type was not"
                " 'application/json'.",
            )
        if self._config.get("DEBUG"):
            raise failure("BadRequest", f"Failed to decode JSON object: {error}")
        raise failure("BadRequest") from error
