"""Sends mail by the app's ``MAIL_*`` settings, as Flask-Mail 0.10 does.

A message goes out while the view waits, over one SMTP connection for each ``with mail.connect()``.
Under ``TESTING``, or with ``MAIL_SUPPRESS_SEND``, nothing is sent and no connection is opened; what
would have been sent is still recorded and signalled.
"""

import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .context import current_app
from .mailmessage import Address, Message, sanitize_address, sanitize_addresses
from .mailmessage import Attachment as Attachment
from .mailmessage import force_text as force_text
from .mailmessage import sanitize_subject as sanitize_subject

try:
    import blinker
except ImportError:
    # Flask brought it along. Without it there is no signal, and nobody to connect to it.
    _dispatched: Any = None
else:
    signals = blinker.Namespace()
    #: Sent with the app and ``message`` for each message, also for one that is suppressed.
    email_dispatched = signals.signal("email-dispatched")
    _dispatched = email_dispatched

#: Lists that are being filled by :meth:`Mail.record_messages`.
_outboxes: list[list[Message]] = []


class BadHeaderError(Exception):
    """A line break where it would begin another header."""


class Connection:
    """Sends messages while its ``with`` block runs."""

    def __init__(self, mail: Any) -> None:
        self.mail = mail
        self.host: Any = None
        self.num_emails = 0

    def __enter__(self) -> "Connection":
        self.host = None if self.mail.suppress else self.configure_host()
        self.num_emails = 0
        return self

    def __exit__(self, *error: Any) -> None:
        if self.host is not None:
            self.host.quit()

    def configure_host(self) -> Any:
        """An open connection, logged in where there is a name and a password."""
        mail = self.mail
        host = (smtplib.SMTP_SSL if mail.use_ssl else smtplib.SMTP)(mail.server, mail.port)
        host.set_debuglevel(int(mail.debug))
        if mail.use_tls:
            host.starttls()
        if mail.username and mail.password:
            host.login(mail.username, mail.password)
        return host

    def send(self, message: Message, envelope_from: Address | None = None) -> None:
        """Sends it; ``envelope_from`` is whom the server is told, in place of the sender."""
        assert message.send_to, "No recipients have been added"
        assert message.sender, (
            "The message does not specify a sender and a default sender has not been configured"
        )
        if message.has_bad_headers():
            raise BadHeaderError
        if message.date is None:
            message.date = time.time()
        if self.host is not None:
            self.host.sendmail(
                sanitize_address(envelope_from or message.sender),
                list(sanitize_addresses(message.send_to)),
                message.as_bytes(),
                message.mail_options,
                message.rcpt_options,
            )
        app = current_app._get_current_object()
        for outbox in _outboxes:
            outbox.append(message)
        if _dispatched is not None:
            _dispatched.send(app, message=message)
        self.num_emails += 1
        if self.num_emails == self.mail.max_emails:
            self.num_emails = 0
            if self.host:
                self.host.quit()
                self.host = self.configure_host()

    def send_message(self, *args: Any, **kwargs: Any) -> None:
        """Sends a message of these arguments."""
        self.send(Message(*args, **kwargs))


class _Sender:
    """What :class:`Mail` and the settings at ``app.state.extensions["mail"]`` both do."""

    app: Any = None

    @contextmanager
    def record_messages(self) -> Iterator[list[Message]]:
        """A list of what is sent meanwhile, by whichever app and thread: for tests."""
        outbox: list[Message] = []
        _outboxes.append(outbox)
        try:
            yield outbox
        finally:
            # By identity: lists of the same messages are equal.
            _outboxes[:] = [other for other in _outboxes if other is not outbox]

    def send(self, message: Message) -> None:
        """Sends one message over a connection of its own."""
        with self.connect() as connection:
            message.send(connection)

    def send_message(self, *args: Any, **kwargs: Any) -> None:
        """Sends a message of these arguments."""
        self.send(Message(*args, **kwargs))

    def connect(self) -> Connection:
        app = self.app or current_app
        try:
            return Connection(app.state.extensions["mail"])
        except KeyError as error:
            raise RuntimeError(
                "The current application was not configured with Flask-Mail"
            ) from error


@dataclass(eq=False)
class Settings(_Sender):
    """The ``MAIL_*`` settings of an app, as they were when it was set up."""

    server: str
    username: str | None
    password: str | None
    port: int | None
    use_tls: bool
    use_ssl: bool
    default_sender: Any
    #: smtplib's level: 0 is silent.
    debug: int
    #: Messages after which the connection is made anew.
    max_emails: int | None
    #: Whether nothing is sent.
    suppress: bool
    ascii_attachments: bool


class Mail(_Sender):
    """The app's mail."""

    def __init__(self, app: Any = None) -> None:
        self.app = app
        self.state = None if app is None else self.init_app(app)

    def init_mail(
        self, config: dict[str, Any], debug: bool | int = False, testing: bool = False
    ) -> Settings:
        return Settings(
            server=config.get("MAIL_SERVER", "127.0.0.1"),
            username=config.get("MAIL_USERNAME"),
            password=config.get("MAIL_PASSWORD"),
            port=config.get("MAIL_PORT", 25),
            use_tls=config.get("MAIL_USE_TLS", False),
            use_ssl=config.get("MAIL_USE_SSL", False),
            default_sender=config.get("MAIL_DEFAULT_SENDER"),
            debug=int(config.get("MAIL_DEBUG", debug)),
            max_emails=config.get("MAIL_MAX_EMAILS"),
            suppress=config.get("MAIL_SUPPRESS_SEND", testing),
            ascii_attachments=config.get("MAIL_ASCII_ATTACHMENTS", False),
        )

    def init_app(self, app: Any) -> Settings:
        """Reads the settings; later changes to the configuration are not seen."""
        config = app.state.config
        settings = self.init_mail(config, config["DEBUG"], config["TESTING"])
        app.state.extensions["mail"] = settings
        return settings

    def __getattr__(self, name: str) -> Any:
        """A setting, where the app was given to the constructor; None for everything else."""
        return getattr(self.__dict__.get("state"), name, None)
