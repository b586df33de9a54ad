"""flask_parity.mail, compared with Flask-Mail: messages, and what an SMTP server is told."""

import random
import subprocess
import sys

import flask_mail
import pytest
from sides import original, port, same_time_and_chance  # noqa: F401

from flask_parity import context, mail

ADDRESSES = [
    "a@example.com",
    "Ann <ann@example.com>",
    ("Bob", "bob@example.com"),
    ('Böb, "x"', "bob@exämple.com"),
    "ünï@example.com",
    "no at sign",
    "Jörg <j@example.com>",
    "a@b.c\nX: y",
    ("Line\r\nX: y", "a@b.c"),
]
SUBJECTS = [
    "",
    "plain",
    "täglich ☃",
    "long " * 40,
    "lang ä " * 40,
    b"bytes",
    "a\r\n b",
    "a\r\nb",
    "a\r\n",
    "a\r\n \r\n b",
    "a\nb",
]
BODIES = [None, "", "text", "text\r\nlines\n", "ä ☃ " * 40, "x" * 1100, ".\nFrom me"]
ATTACHMENTS = [
    {"filename": "a.txt", "data": "text"},
    {"filename": "a.png", "data": b"\x89PNG"},
    {"data": b"\x00\xff" * 200},
    {"data": "only text"},
    {"filename": "ünï  \t côde.pdf", "data": b"x", "disposition": "inline"},
    {
        "filename": "a b.bin",
        "content_type": "application/x-y",
        "data": b"",
        "headers": {"X-A": "b"},
    },
    {"filename": "☃", "content_type": "text/plain", "data": "ä".encode()},
]
SETTINGS = {
    "MAIL_DEFAULT_SENDER": ["me@example.com", ("Me", "me@example.com"), "Mé <me@example.com>"],
    "MAIL_ASCII_ATTACHMENTS": [True],
    "MAIL_MAX_EMAILS": [1, 2],
    "MAIL_USERNAME": ["name"],
    "MAIL_PASSWORD": ["secret"],
    "MAIL_USE_TLS": [True],
    "MAIL_USE_SSL": [True],
    "MAIL_PORT": [2525],
    "MAIL_SERVER": ["mail.example.com"],
    "MAIL_DEBUG": [1],
    "MAIL_SUPPRESS_SEND": [True, False],
    "TESTING": [True],
    "DEBUG": [True],
}


def message_options(chance):
    options = {
        "subject": chance.choice(SUBJECTS),
        "recipients": chance.sample(ADDRESSES, chance.randrange(4)),
        "body": chance.choice(BODIES),
        "date": 1_700_000_000,
    }
    several = {
        "html": ["<b>ä</b>", "<i>x</i>"],
        "alts": [{"html": "<p>", "x-amp": "ä"}, [("calendar", "BEGIN")]],
        "sender": ADDRESSES,
        "cc": [chance.sample(ADDRESSES, 2)],
        "bcc": [chance.sample(ADDRESSES, 2)],
        "reply_to": ADDRESSES,
        "charset": ["latin-1", "utf-8", "us-ascii"],
        "extra_headers": [{"X-A": "b", "List-Id": "ä"}],
        "mail_options": [["BODY=8BITMIME"]],
        "rcpt_options": [["NOTIFY=NEVER"]],
    }
    for name in chance.sample(sorted(several), chance.randrange(5)):
        options[name] = chance.choice(several[name])
    return options, chance.sample(ATTACHMENTS, chance.choice([0, 0, 1, 2]))


def outcome(function, *arguments, **options):
    try:
        return function(*arguments, **options)
    except Exception as error:
        return type(error).__name__, str(error)


class Smtp:
    """In smtplib's place: writes down what it is asked to do."""

    calls = []

    def __init__(self, *where):
        Smtp.calls.append((type(self).__name__, where))

    def __getattr__(self, name):
        return lambda *arguments: Smtp.calls.append((name, arguments))


class SmtpSsl(Smtp):
    pass


@pytest.fixture(autouse=True)
def no_smtp(monkeypatch):
    monkeypatch.setattr("smtplib.SMTP", Smtp)
    monkeypatch.setattr("smtplib.SMTP_SSL", SmtpSsl)
    monkeypatch.setattr("flask_mail.make_msgid", lambda: "<id@here>")
    monkeypatch.setattr("flask_parity.mailmessage.make_msgid", lambda: "<id@here>")


class Sender:
    """An app with its mail, of either side."""

    def __init__(self, library, app, settings):
        app_config = app.config if library is flask_mail else app.state.config
        app_config.update(settings)
        self.library, self.app = library, app
        self.mail = library.Mail(app)
        self.context = app.app_context if library is flask_mail else self._context

    def _context(self):
        return context.app_context(self.app)

    def message(self, options, attachments):
        made = self.library.Message(**options)
        for attachment in attachments:
            made.attach(**attachment)
        return made

    def all_of(self, seed):
        """What some messages look like, and what is sent of them."""
        chance = random.Random(seed)
        random.seed(seed)  # ``email`` makes boundaries of it
        Smtp.calls = []
        seen = []
        with self.context(), self.mail.record_messages() as outbox:
            sent = []
            for _ in range(4):
                made = outcome(self.message, *message_options(chance))
                if isinstance(made, tuple):
                    seen.append(made)
                    continue
                sent.append(made)
                seen += [
                    outcome(made.as_bytes),
                    outcome(made.as_string),
                    outcome(str, made),
                ]
                seen += [outcome(made.has_bad_headers), made.send_to, made.html, bool(made.alts)]
            with self.mail.connect() as connection:
                for made in sent:
                    seen.append(outcome(connection.send, made))
                seen.append(connection.num_emails)
            for made in sent[:1]:
                seen.append(outcome(self.mail.send, made))
            seen.append(outcome(self.mail.send_message, "s", ["a@b.c"], "body", date=5))
            seen.append([outcome(made.as_bytes) for made in outbox])
        return seen, Smtp.calls


@pytest.mark.parametrize("seed", range(120))
def test_random_messages(seed):
    chance = random.Random(seed)
    names = chance.sample(sorted(SETTINGS), chance.randrange(7))
    settings = {name: chance.choice(SETTINGS[name]) for name in names}
    theirs = Sender(flask_mail, original(), settings)
    ours = Sender(mail, port(), settings)
    assert ours.all_of(seed) == theirs.all_of(seed)
    for name in ("server", "port", "suppress", "debug", "default_sender", "unknown"):
        assert getattr(ours.mail, name) == getattr(theirs.mail, name)


@pytest.mark.parametrize("testing", [True, False])
def test_an_app_that_comes_later(testing):
    app = port(TESTING=testing, MAIL_DEFAULT_SENDER="me@example.com")
    post = mail.Mail()
    assert post.state is None and post.server is None
    with context.app_context(app):
        with pytest.raises(RuntimeError):
            post.connect()
        assert post.init_app(app) is app.state.extensions["mail"]
        Smtp.calls = []
        heard = []

        def hear(sender, message):
            heard.append((sender, message.subject))

        with mail.email_dispatched.connected_to(hear), post.record_messages() as outbox:
            # The settings send too, as ``current_app.extensions["mail"]`` does.
            app.state.extensions["mail"].send(mail.Message("one", ["a@b.c"]))
            with post.record_messages() as inner:
                post.send(mail.Message("two", ["a@b.c"], sender=("M", "m@b.c")))
        post.send_message("three", ["a@b.c"])
    assert [message.subject for message in outbox] == ["one", "two"]
    assert [message.subject for message in inner] == ["two"]
    assert heard == [(app, "one"), (app, "two")]
    assert [name for name, _ in Smtp.calls].count("sendmail") == (0 if testing else 3)


def test_attachments_need_data():
    for library in (flask_mail, mail):
        with pytest.raises(ValueError, match="The 'data' argument is required."):
            library.Attachment("a.txt")


ALONE = """
import sys
{before}
from {library} import Attachment, Mail, Message
{app}
mail = Mail(app)
with {context}:
    message = Message("Täglich", ["a@b.c"], "ä ☃", "<b>ä</b>", sender="m@b.c", date=5)
    message.attachments.append(Attachment("ä.txt", None, "text"))
    message.msgId = "<i@h>"
    text = message.as_string()
    with mail.record_messages() as outbox:
        mail.send(message)
parts = text.split("boundary=")[1:]
for part in parts:
    text = text.replace(part.split('"')[1], "boundary")
print(len(outbox), text, "flask" in sys.modules)
"""

ALONE_OURS = {
    "library": "flask_parity.mail",
    "app": "from fastapi import FastAPI\nfrom flask_parity.fastapi import prepare\n"
    "app = FastAPI()\nprepare(app, 'a')\napp.state.config['TESTING'] = True",
    "context": "app_context(app)",
}


def test_without_flask_mail_and_blinker():
    """The bytes do not depend on what ``flask_mail`` did to ``email``; signals are optional."""

    def run(**parts):
        code = ALONE.format(**parts)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    theirs = run(
        before="",
        library="flask_mail",
        app="from flask import Flask\napp = Flask('a')\napp.testing = True",
        context="app.app_context()",
    )
    before = "sys.modules['blinker'] = None\nfrom flask_parity.context import app_context"
    ours = run(before=before, **ALONE_OURS)
    assert ours == theirs.replace("True", "False") and ours.startswith("1 ")
