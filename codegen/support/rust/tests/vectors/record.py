"""Writes blog.json: what the fixture's Flask app answers to its requests, on gunicorn.

    cd fixtures/blog && gunicorn -w 1 -b 127.0.0.1:9101 blog:app & python record.py 9101
"""

import http.client
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
FIXTURE = HERE.parents[4] / "fixtures" / "blog"
LEFT_OUT = {"server", "date", "connection", "etag", "last-modified", "set-cookie"}

cookie, answers = None, []
for line in (FIXTURE / "requests.ndjson").read_text().splitlines():
    request = json.loads(line)
    headers = dict(request["headers"]) | {"Host": "blog.example:8080"}
    if cookie:
        headers["Cookie"] = cookie
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
    body = request["body"].encode() if request["body"] is not None else None
    connection.request(request["method"], request["path"], body, headers)
    response = connection.getresponse()
    found = sorted((k.lower(), v) for k, v in response.getheaders() if k.lower() not in LEFT_OUT)
    found = [(k, ", ".join(sorted(v.split(", "))) if k == "allow" else v) for k, v in found]
    set_cookie = response.getheader("set-cookie")
    if set_cookie:
        value, _, attributes = set_cookie.partition("; ")
        cookie = value if value != "session=" else None
        found.append(("set-cookie", "; ".join(["session=…" if cookie else value, attributes])))
    answers.append(
        {
            "method": request["method"],
            "path": request["path"],
            "headers": request["headers"],
            "body": request["body"],
            "answer": {"status": response.status, "headers": found, "body": response.read().decode()},
        }
    )
(HERE / "blog.json").write_text(json.dumps(answers, indent=0) + "\n")
