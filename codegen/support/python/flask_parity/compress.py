"""Compressed answers as Flask-Compress 1.25 sends them (flask_compress.flask_compress).

Starlette's middleware and its kin negotiate otherwise, know fewer types and leave ``ETag`` alone.
The bytes are those of the same libraries with the same parameters.
"""

import functools
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from gzip import compress as gzip
from typing import Any, Protocol

from .context import after_this_request, current_app, request, stream_with_context
from .hooks import after_request
from .responses import make_response

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

try:
    import brotlicffi as brotli
except ImportError:
    import brotli

_DEFAULTS: dict[str, Any] = {
    "COMPRESS_MIMETYPES": [
        "text/html",
        "text/css",
        "text/plain",
        "text/xml",
        "text/x-component",
        "text/javascript",
        "application/x-javascript",
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "application/vnd.api+json",
        "application/xml",
        "application/xhtml+xml",
        "application/rss+xml",
        "application/atom+xml",
        "application/vnd.ms-fontobject",
        "application/x-font-ttf",
        "application/x-font-opentype",
        "application/x-font-truetype",
        "image/svg+xml",
        "image/x-icon",
        "image/vnd.microsoft.icon",
        "font/ttf",
        "font/eot",
        "font/otf",
        "font/opentype",
    ],
    # Levels: of gzip, Brotli (with its mode, window and block as powers of two), zstd, deflate.
    "COMPRESS_LEVEL": 6,
    "COMPRESS_BR_LEVEL": 4,
    "COMPRESS_BR_MODE": 0,
    "COMPRESS_BR_WINDOW": 22,
    "COMPRESS_BR_BLOCK": 0,
    "COMPRESS_ZSTD_LEVEL": 3,
    "COMPRESS_DEFLATE_LEVEL": -1,
    # In bytes, of ``Content-Length``: a body without one is always compressed.
    "COMPRESS_MIN_SIZE": 500,
    "COMPRESS_CACHE_KEY": None,
    "COMPRESS_CACHE_BACKEND": None,
    "COMPRESS_REGISTER": True,
    "COMPRESS_STREAMS": True,
    "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": True,
    "COMPRESS_STREAMING_ENDPOINT_CONDITIONAL": ["static"],
    # The server's order, which decides between what the client likes equally well.
    "COMPRESS_ALGORITHM": ["zstd", "br", "gzip", "deflate"],
    "COMPRESS_ALGORITHM_STREAMING": ["zstd", "br", "deflate"],
}


class CacheBackend(Protocol):
    """What ``COMPRESS_CACHE_BACKEND`` makes when it is called."""

    def get(self, key: str) -> bytes | None: ...

    def set(self, key: str, value: bytes) -> bool | None: ...


class DictCache:
    """A cache in this process, without a limit."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.data.get(key)

    def set(self, key: str, value: bytes) -> None:
        self.data[key] = value


# ---- negotiation


@functools.lru_cache(maxsize=128)
def _choose(algorithms: tuple[str, ...], accepted: str) -> str | None:
    """What ``Accept-Encoding`` prefers of the server's algorithms; None for none.

    As the original reads it: ``;q=`` alone tells a quality, a wrong one is 1, and an algorithm of
    quality 0 is still taken when nothing is better.
    """
    qualities: dict[float, set[str | None]] = {}
    takes_any = False
    for part in accepted.lower().split(","):
        name, quality = part.strip(), 1.0
        if ";q=" in name:
            try:
                quality = float(name.split("=")[1].strip())
            except ValueError:
                pass
            name = name.split(";")[0].strip()
        if name == "*":
            takes_any = takes_any or quality > 0
        elif name == "identity":
            qualities.setdefault(quality, set()).add(None)
        elif name in algorithms:
            qualities.setdefault(quality, set()).add(name)
    for _, names in sorted(qualities.items(), reverse=True):
        if len(names) == 1:
            return names.pop()
        for algorithm in algorithms:
            if algorithm in names:
                return algorithm
    return algorithms[0] if takes_any else None


def _names(setting: str | list[str]) -> tuple[str, ...]:
    """``"gzip, br"`` and ``["gzip", "br"]``."""
    if isinstance(setting, str):
        return tuple(name.strip() for name in setting.split(","))
    return tuple(setting)


# ---- the libraries


def _brotli(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "mode": config["COMPRESS_BR_MODE"],
        "quality": config["COMPRESS_BR_LEVEL"],
        "lgwin": config["COMPRESS_BR_WINDOW"],
        "lgblock": config["COMPRESS_BR_BLOCK"],
    }


def _whole(config: Mapping[str, Any], data: bytes, algorithm: str) -> bytes:
    """A body that is there."""
    if algorithm == "zstd":
        return zstd.compress(data, config["COMPRESS_ZSTD_LEVEL"])
    if algorithm == "gzip":
        return gzip(data, config["COMPRESS_LEVEL"])
    if algorithm == "deflate":
        return zlib.compress(data, config["COMPRESS_DEFLATE_LEVEL"])
    if algorithm == "br":
        return brotli.compress(data, **_brotli(config))
    raise ValueError(f"Unknown compression algorithm: {algorithm}")


def _chunks(config: Mapping[str, Any], chunks: Iterator[bytes], algorithm: str) -> Iterator[bytes]:
    """A stream: what the library gives when it has enough, and the rest at the end."""
    feed: Callable[[bytes], bytes]
    end: Callable[[], bytes]
    if algorithm == "br":
        compressor = brotli.Compressor(**_brotli(config))
        feed, end = compressor.process, compressor.finish
    else:
        if algorithm == "zstd":
            made: Any = zstd.ZstdCompressor(level=config["COMPRESS_ZSTD_LEVEL"])
        elif algorithm == "gzip":
            # 16 more than the window: with gzip's header and trailer.
            made = zlib.compressobj(config["COMPRESS_LEVEL"], zlib.DEFLATED, zlib.MAX_WBITS + 16)
        elif algorithm == "deflate":
            made = zlib.compressobj(config["COMPRESS_DEFLATE_LEVEL"])
        else:
            raise ValueError(f"Unsupported streaming algorithm: {algorithm}")
        feed, end = made.compress, made.flush
    for chunk in chunks:
        if out := feed(chunk):
            yield out
    if out := end():
        yield out


# ---- the extension


class Compress:
    """Compresses the app's answers, or those of views that are :meth:`compressed`."""

    cache: CacheBackend | None
    cache_key: Callable[..., str] | None

    def __init__(self, app: Any = None) -> None:
        self.app = app
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Any) -> None:
        """Fills in the ``COMPRESS_*`` settings and registers the hook, which runs at its place
        among the others: before those that were registered earlier."""
        config = app.state.config
        for key, value in _DEFAULTS.items():
            config.setdefault(key, list(value) if isinstance(value, list) else value)
        backend = config["COMPRESS_CACHE_BACKEND"]
        self.cache = backend() if backend else None
        self.cache_key = config["COMPRESS_CACHE_KEY"]
        self.compress_mimetypes_set = set(config["COMPRESS_MIMETYPES"])
        self.enabled_algorithms = _names(config["COMPRESS_ALGORITHM"])
        self.streaming_algorithms = _names(config["COMPRESS_ALGORITHM_STREAMING"])
        self.streaming_endpoint_with_conditional = set(
            config["COMPRESS_STREAMING_ENDPOINT_CONDITIONAL"]
        )
        if config["COMPRESS_REGISTER"] and config["COMPRESS_MIMETYPES"]:
            after_request(app)(self.after_request)

    def after_request(self, response: Any) -> Any:
        """The answer, compressed if the client, its type, size and status allow.

        One of Starlette's own classes, which no Flask view gave, only gets its ``Vary``.
        """
        if not response:
            return make_response("", 204)
        vary = response.headers.get("Vary")
        if not vary:
            response.headers["Vary"] = "Accept-Encoding"
        elif "accept-encoding" not in vary.lower():
            response.headers["Vary"] = f"{vary}, Accept-Encoding"
        if not hasattr(response, "is_streamed"):
            return response
        config = (self.app or current_app).state.config
        streams = response.is_streamed and config["COMPRESS_STREAMS"]
        algorithms = self.streaming_algorithms if streams else self.enabled_algorithms
        algorithm = _choose(algorithms, request.headers.get("Accept-Encoding", ""))
        if algorithm is None or not self._is_compressible(response, config):
            return response
        response.direct_passthrough = False
        response.headers["Content-Encoding"] = algorithm
        if streams:
            chunks = _chunks(config, response.iter_encoded(), algorithm)
            response.response = stream_with_context(chunks)
            response.headers.pop("Content-Length", None)
        else:
            response.set_data(self._compressed(response, config, algorithm))
            response.headers["Content-Length"] = response.content_length
        etag, is_weak = response.get_etag()
        if etag and not is_weak:
            response.set_etag(f"{etag}:{algorithm}", weak=False)
        if (
            config["COMPRESS_EVALUATE_CONDITIONAL_REQUEST"]
            and request.method in ("GET", "HEAD")
            and (
                not response.is_streamed
                or request.endpoint in self.streaming_endpoint_with_conditional
            )
        ):
            # It knows the tag with the algorithm, which the client was given. A stream of one of
            # the named endpoints is read for it, to have a length.
            response.make_conditional(request)
        return response

    def _is_compressible(self, response: Any, config: Mapping[str, Any]) -> bool:
        length = response.content_length
        return (
            response.mimetype in self.compress_mimetypes_set
            and 200 <= response.status_code < 300
            and (config["COMPRESS_STREAMS"] or not response.is_streamed)
            and "Content-Encoding" not in response.headers
            and (length is None or length >= config["COMPRESS_MIN_SIZE"])
        )

    def _compressed(self, response: Any, config: Mapping[str, Any], algorithm: str) -> bytes:
        """The body; by the cache, if there is one."""
        if self.cache is None:
            return _whole(config, response.get_data(), algorithm)
        assert self.cache_key is not None
        key = f"{algorithm};{self.cache_key(request)}"
        found = self.cache.get(key)
        if found is None:
            found = _whole(config, response.get_data(), algorithm)
        self.cache.set(key, found)
        return found

    def compressed(self) -> Callable[..., Any]:
        """Compresses a view's answers, also without ``COMPRESS_REGISTER``."""

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(view)
            def answer(*args: Any, **kwargs: Any) -> Any:
                after_this_request(self.after_request)
                return view(*args, **kwargs)

            return answer

        return decorate
