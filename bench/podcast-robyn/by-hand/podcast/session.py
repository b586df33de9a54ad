"""Who is logged in: the session cookie of Flask and Quart, so that nobody is logged out."""

import hashlib
import json
import os

from itsdangerous import BadSignature, URLSafeTimedSerializer

MONTH = 31 * 24 * 60 * 60
END = "session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Path=/"


class Compact:
    """JSON as Flask writes it. Its tags for other types are left out: a session holds a name."""

    @staticmethod
    def dumps(value):
        return json.dumps(value, separators=(",", ":"), sort_keys=True)

    loads = staticmethod(json.loads)


signer = URLSafeTimedSerializer(
    os.environ.get("PODCAST_SECRET", "not a secret on this machine"),
    salt="cookie-session",
    serializer=Compact,
    signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
)


def user(request):
    """The name in the cookie, None without a good one."""
    cookies = request.headers.get("cookie")
    if cookies is None:
        return None
    for cookie in cookies.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == "session":
            try:
                return signer.loads(value, max_age=MONTH).get("user")
            except BadSignature:
                return None
    return None


def start(name):
    """The cookie of who has logged in."""
    return f"session={signer.dumps({'user': name})}; HttpOnly; Path=/"
