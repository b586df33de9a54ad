"""Rewrites templates.json: what Flask's render_template_string makes of every template in it.

A template whose answer is known to differ has "known": true; tests/templates.rs skips it.
"""

import copy
import json
import logging
from pathlib import Path

import flask

FILE = Path(__file__).parent / "templates.json"
logging.disable()
data = json.loads(FILE.read_text())

app = flask.Flask("kitchen", static_folder="static")
app.config.update(SECRET_KEY="dev", MAX_CONTENT_LENGTH=10_000)
app.add_url_rule("/e/", "r1", lambda: "")
app.add_url_rule("/e/<x>", "r2", lambda x: "")
app.add_url_rule("/e/<int:x>/", "r3", lambda x: "")
bp = flask.Blueprint("bp", "kitchen", url_prefix="/bp")
bp.add_url_rule("/", "r0", lambda: "")
app.register_blueprint(bp)
app.template_filter("shout")(lambda s: s.upper() + "!")
app.errorhandler(500)(lambda e: ("custom 500", 500))
app.context_processor(lambda: {"site": "S & <T>", "over": "processor"})


@app.post("/tpl")
def tpl():
    flask.g.user = {"name": "ann <x>"}
    return flask.render_template_string(flask.request.get_json()["src"], **copy.deepcopy(data["context"]))


for case in data["cases"]:
    client = app.test_client()
    client.set_cookie("a", "1", domain="h.example")
    answer = client.post(
        "/tpl?q=1&q=%3C2",
        json={"src": case["src"]},
        headers={"X-Test": "<h>", "User-Agent": "test"},
        base_url="http://h.example:8080",
    )
    case.update(status=answer.status_code, body=answer.text, vary=answer.headers.get("Vary"))
FILE.write_text(json.dumps(data, indent=0) + "\n")
