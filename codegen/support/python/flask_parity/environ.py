"""``request.environ``: what gunicorn would have handed to the app (gunicorn.http.wsgi.create)."""

import sys
from typing import Any
from urllib.parse import unquote_to_bytes


def wsgi_environ(request: Any) -> dict[str, Any]:
    """Made from the ASGI scope; ``wsgi.input`` is the body as it comes from the server."""
    scope = request.scope
    client, server = scope.get("client"), scope.get("server")
    raw_path = scope.get("raw_path")
    query = request.query_string.decode("latin1")
    path = request.path.encode().decode("latin1")
    uri = raw_path.decode("latin1") if raw_path else path
    environ: dict[str, Any] = {
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": request.is_multithread,
        "wsgi.multiprocess": request.is_multiprocess,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.input": request.input_stream,
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": query,
        "RAW_URI": f"{uri}?{query}" if query else uri,
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
    }
    for name, value in request.headers.by_name.items():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = value
    environ["wsgi.url_scheme"] = request.scheme
    if client:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    if server:
        environ["SERVER_NAME"] = server[0]
        environ["SERVER_PORT"] = "" if server[1] is None else str(server[1])
    if raw_path and not request.script_root:  # bytes that are no UTF-8 are kept
        path = unquote_to_bytes(raw_path.partition(b"?")[0]).decode("latin1")
    environ["PATH_INFO"] = path
    environ["SCRIPT_NAME"] = request.script_root.encode().decode("latin1")
    environ["werkzeug.request"] = request
    return environ
