"""Writes the vectors beside this file, from real Flask and Werkzeug (cli/tests/requirements/original.txt).

    python make.py            # the vectors that are kept
    python make.py 5000 7     # more of them, with another seed, into $OUT
"""

import json
import os
import random
import sys
from pathlib import Path
from urllib.parse import urlsplit

import flask
from flask.json.tag import TaggedJSONSerializer
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, abort, default_exceptions
from werkzeug.http import dump_cookie
from werkzeug.routing import BuildError, RequestRedirect
from werkzeug.sansio.http import parse_cookie
from werkzeug.sansio.utils import get_current_url
from werkzeug.utils import redirect

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 60
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
OUT = Path(os.environ.get("OUT", Path(__file__).parent))
rng = random.Random(SEED)


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, indent=0, ensure_ascii=True) + "\n")


# ---- routing

SEGMENTS = [
    "a", "b", "ab", "a.b", "é", "a b", "v2", "1", "new", "x-y",
    "<x>", "<int:x>", "<float:x>", "<path:x>", "<uuid:x>", "<string:x>", "<string(length=2):x>",
    "<string(minlength=2, maxlength=3):x>", "<int(min=3):x>", "<int(max=10, signed=True):x>",
    "<int(fixed_digits=3):x>", "<float(signed=True):x>", "<any(a, b, new):x>", '<any("a b", c):x>',
    "v<int:x>", "<x>.txt", "<x>-<y>", "<int:x>-<y>", "a<path:x>", "<path:x>.html", "<int:x>x",
]
VALUES = [
    "a", "b", "ab", "abc", "a.b", "é", "a b", "v2", "1", "12", "123", "007", "-5", "1.5", "-1.5", "1.", "x-y", "1-b",
    "new", "c", "a.txt", "p.html", "٣", "", "", "v7", "5x", "A", "%", "a\nb", "x;y", "a+b", "99999999999999999999",
    "12345678-1234-1234-1234-1234567890AB", "a&b", "a=b", "~", "!", "'", "*", "(", ":", "@", "$", ",",
]


def unique(segment, used):
    for name in ("x", "y"):
        if f"{name}>" in segment:
            new = f"v{len(used)}"
            used.append(new)
            segment = segment.replace(f"{name}>", f"{new}>")
    return segment


def random_rule():
    used = []
    parts = [unique(rng.choice(SEGMENTS), used) for _ in range(rng.randint(0, 3))]
    rule = "/" + "/".join(parts)
    if parts and rng.random() < 0.4:
        rule += "/"
    return rule, used


def random_path():
    parts = [rng.choice(VALUES) for _ in range(rng.randint(0, 4))]
    return "/" + "/".join(parts) + rng.choice(["", "", "/"])


def plain(values):
    return {k: v if isinstance(v, (str, float)) or abs(v) < 2**63 else str(v) for k, v in
            ((k, v if isinstance(v, (str, int, float)) else str(v)) for k, v in values.items())}


def routing():
    cases = []
    for _ in range(COUNT):
        rules = []
        for number in range(rng.randint(1, 6)):
            rule, used = random_rule()
            methods = rng.choice([["GET"], ["GET"], ["POST"], ["GET", "POST"], ["PUT", "OPTIONS"]])
            loose = rng.random() < 0.2
            defaults = {}
            if rng.random() < 0.15:
                defaults = {rng.choice([*used, "page", "v0"]): rng.choice([1, 2, "a", "1"])}
            endpoint = f"e{rng.randint(0, 3)}"
            rules.append({"rule": rule, "endpoint": endpoint, "methods": methods, "loose": loose, "defaults": defaults})
        try:
            app = flask.Flask("x", static_folder=None)
            numbers = {}
            for number, r in enumerate(rules):
                app.add_url_rule(r["rule"], endpoint=r["endpoint"], view_func=app.view_functions.get(r["endpoint"], lambda: ""),
                                 methods=r["methods"], strict_slashes=not r["loose"], defaults=r["defaults"] or None)
                for rule in app.url_map.iter_rules():
                    numbers.setdefault(id(rule), number)
            adapter = app.url_map.bind("h.example", query_args="q=1")
        except Exception:
            continue
        paths = []
        for _ in range(12):
            path, method = random_path(), rng.choice(["GET", "POST", "HEAD", "OPTIONS", "PUT", "ODD"])
            try:
                rule, values = adapter.match(path, method, return_rule=True)
                answer = {"found": numbers[id(rule)], "values": plain(values)}
            except RequestRedirect as error:
                answer = {"redirect": error.new_url}
            except MethodNotAllowed as error:
                answer = {"methods": sorted(error.valid_methods)}
            except NotFound:
                answer = {}
            except ValueError:  # of a converter that a redirect's default does not please
                continue
            paths.append([path, method, answer])
        builds = []
        for _ in range(8):
            endpoint = f"e{rng.randint(0, 3)}"
            values = {}
            for name in rng.sample(["v0", "v1", "v2", "page", "q", "n"], rng.randint(0, 4)):
                values[name] = rng.choice(["a", "é/b", "1", 1, 12, -3, 1.5, 2.0, True, None, "a b", "new", "ab", ["x", "y z"], "%&=?#+", 1e20])
            method = rng.choice([None, None, "POST"])
            try:
                url = adapter.build(endpoint, values, method=method)
            except BuildError:
                url = None
            except Exception:
                url = None
            builds.append([endpoint, values, method, url])
        cases.append({"rules": rules, "paths": paths, "builds": builds})
    write("routing", cases)


# ---- texts

ALPHABET = "abcZ09 -_.~!*'();:@&=+$,/?#[]%\"<>\\^`{|}\téü…😀\x00\x7f"


def random_text(most=12):
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(0, most)))


def quoting():
    locations = ["/", "/a?b=c#d", "http://Ex.COM:8080/ä ö?x=ü#ß", "//h/x", "http:foo", "?a=1", "#x", "a:b", "/a:b", "HTTP://u:p@H/%zz", "/a%20b",
                 "", "/a b", "mailto:a@b", "/x?", "/x#", "http://h", "http://h:99999/", "/\n/x", " /x"]
    locations += [rng.choice(["", "/", "http://h/", "?"]) + random_text() for _ in range(COUNT)]
    out = []
    for location in locations:
        try:
            host = urlsplit(location).hostname or ""
            if not (host.isascii() and host.isprintable()):  # Punycode, and what no HTTP server sends
                continue
            response = redirect(location)
            uri = response.get_wsgi_headers({})["Location"]
            out.append([location, uri, response.get_data(as_text=True)])
        except ValueError:  # a 500
            out.append([location, None, None])
    write("locations", out)
    urls = []
    for _ in range(COUNT):
        path, query = "/" + random_text().replace("\x00", ""), random_text().encode()
        urls.append([path, query.decode(), get_current_url("http", "h", "", path, query)])
    write("urls", urls)
    queries = [rng.choice(["a=1&b=2&a=3", "%ff=%C3%A9", "a+b=c+d", "=x", "a", "&&a=&", "%zz=%", "a=b=c", "%C3=%A9"]) for _ in range(3)]
    queries += ["".join(rng.choice(["a", "b", "=", "&", "%", "%e9", "%C3%A9", "+", "é", ";", "%2B", "%00"]) for _ in range(rng.randint(0, 9))) for _ in range(COUNT)]
    with flask.Flask("x").test_request_context():
        write("queries", [[q, list(flask.Request({"QUERY_STRING": q.encode().decode("latin1"), "wsgi.url_scheme": "http", "REQUEST_METHOD": "GET", "SERVER_NAME": "h", "SERVER_PORT": "80"}).args.items(multi=True))] for q in queries])
    cookies = ["a=b; c=d", 'a="b\\054c"; a=2', "a", "=b", "a =b ;c", 'x="unclosed; y=1', "a=b c; d=e", 'a="\\303\\251"', 'a="\\"q\\""', "a=é", "a;b;;c=", ' "x"=1; y=2', 'a=";"', 'a="', 'a=""']
    cookies += ["".join(rng.choice(['a', 'b', '=', ';', ' ', '"', '\\', '054', 'é', ',']) for _ in range(rng.randint(0, 10))) for _ in range(COUNT)]
    write("cookies_in", [[c, list(parse_cookie(c).items(multi=True))] for c in cookies])
    out = []
    for _ in range(COUNT // 2 + 8):
        options = {}
        for key, choice in {"max_age": [0, 60], "path": [None, "/", "/ä b"], "domain": ["x.example", ".x.example"], "secure": [True], "httponly": [True], "samesite": ["lax", "Strict", "None"]}.items():
            if rng.random() < 0.4:
                options[key] = rng.choice(choice)
        value = random_text()
        text = dump_cookie("k", value, sync_expires=False, **options)
        out.append([value, options, text])
    write("cookies_out", out)


def numbers():
    floats = [0.0, 1.0, -1.5, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 0.1, 1e22, 5e-324, 1.7976931348623157e308, 1 / 3, -0.0, 100.0, 1e100, 12345.678]
    floats += [rng.uniform(-1, 1) * 10 ** rng.randint(-20, 25) for _ in range(COUNT)]
    write("floats", [[f, repr(f)] for f in floats])
    texts = ["1", " 12 ", "+3", "-4", "1_000", "_1", "1__0", "1_", "", " ", "0x10", "1.5", "٣٤", "1e3", "inf", "-Infinity", "nan", "1.", ".5", "-.5e-3", "1_0.5", "1e", "--1", "+ 1", "007", "-0", "1\n", "\u20031\x1f", "1,5", "９", "¹", "1_0e1_0", "infinit", "e5", "."]
    texts += ["".join(rng.choice("0123456789+-_. e") for _ in range(rng.randint(1, 6))) for _ in range(COUNT)]

    def convert(kind, text):
        try:
            value = kind(text)
        except ValueError:
            return None
        return repr(value)

    write("parsed", [[t, convert(int, t), convert(float, t)] for t in texts])
    values = ["", "a", "it's", 'say "hi"', "it's \"x\"", "é\n\t\\", "\x00\x7f\x85\xa0\xad", "\u200b\u2028😀", None, True, 1, 1.5, [1, "a", None, [True]], {"a": 1, "b'": {"c": [1.0]}}, [], {}, {"b": 1, "a": "\u00e9/<&>'"}, 1e16]
    values += [random_text() for _ in range(COUNT)]
    app = flask.Flask("x")
    with app.test_request_context():
        write("values", [[v, repr(v), flask.json.dumps(v), flask.jsonify(v).get_data(as_text=True), bool(v)] for v in values])


def pages():
    out = []
    for code in sorted(default_exceptions):
        for description in (None, "a <b>\n'c'", ""):
            try:
                abort(code) if description is None else abort(code, description=description)
            except HTTPException as error:
                out.append([code, description, error.name, error.get_body(), str(error)])
    write("pages", out)


def sessions():
    from datetime import UTC, datetime
    from uuid import UUID

    from itsdangerous import TimestampSigner
    from markupsafe import Markup

    app = flask.Flask("x")
    app.secret_key = "dev"
    # So that the vectors are the same whenever they are made.
    TimestampSigner.get_timestamp = lambda self: 1_700_000_000
    serializer = app.session_interface.get_signing_serializer(app)
    values = [
        ({"uid": 1}, {"uid": 1}),
        ({"b": "ä", "a": [1, 2.5, None, True]}, {"b": "ä", "a": [1, 2.5, None, True]}),
        ({"_flashes": [("message", "hi <x>")]}, {"_flashes": [["message", "hi <x>"]]}),
        ({"long": "x" * 500}, {"long": "x" * 500}),
        ({"d": {" t": 5}}, {"d": {" t": 5}}),
        ({"m": Markup("<b>"), "b": b"\x00\xff"}, {"m": "<b>", "b": "AP8="}),
        ({"u": UUID(int=5), "t": datetime(2024, 1, 2, tzinfo=UTC)}, {"u": "0" * 31 + "5", "t": "Tue, 02 Jan 2024 00:00:00 GMT"}),
    ]
    tag = TaggedJSONSerializer()
    with app.test_request_context():
        write("sessions", [[serializer.dumps(v), seen, tag.dumps(v)] for v, seen in values])


for make in (routing, quoting, numbers, pages, sessions):
    make()
