"""Messages as Flask-Mail 0.10 writes them: the same bytes, made by the same ``email`` package.

The order of headers and parts, which of them are encoded and how, and what counts as a bad header
are those of ``flask_mail.Message``. Only ``Message-ID`` and, unless it is given, ``Date`` differ
from one message to the next.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterable
from email import charset, policy
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr, formatdate, make_msgid, parseaddr
from mimetypes import guess_type
from typing import Any

from .context import current_app

# Bodies of UTF-8 go out as 8bit, not as base64. It holds for the whole process, as with Flask-Mail:
# what the app makes with ``email`` by itself depends on it too.
charset.add_charset("utf-8", charset.SHORTEST, None, "utf-8")

#: ``a@b.c``, ``Name <a@b.c>``, or a pair of name and address.
Address = str | tuple[str, str]

_BLANKS = re.compile(r"\s+")


def force_text(s: Any, encoding: str = "utf-8", errors: str = "strict") -> str:
    """Text of bytes or of any object."""
    return str(s, encoding, errors) if isinstance(s, bytes) else str(s)


def _encoded(text: str, encoding: str) -> str:
    """The text as an encoded word; in UTF-8 when ``encoding`` has no such letters."""
    try:
        return Header(text, encoding).encode()
    except UnicodeEncodeError:
        return Header(text, "utf-8").encode()


def sanitize_subject(subject: str, encoding: str = "utf-8") -> str:
    """The subject as it is if it is ASCII, else as an encoded word."""
    return subject if subject.isascii() else _encoded(subject, encoding)


def sanitize_address(addr: Address, encoding: str = "utf-8") -> str:
    """``Name <a@b.c>``: the name encoded, a domain outside of ASCII by IDNA."""
    name, address = parseaddr(force_text(addr)) if isinstance(addr, str) else addr
    name = _encoded(name, encoding)
    if not address.isascii():
        if "@" in address:
            local, domain = address.split("@", 1)
            local = str(Header(local, encoding))
            address = "@".join([local, domain.encode("idna").decode("ascii")])
        else:
            address = Header(address, encoding).encode()
    return formataddr((name, address))


def sanitize_addresses(addresses: Iterable[Address], encoding: str = "utf-8") -> list[str]:
    return [sanitize_address(address, encoding) for address in addresses]


def _has_newline(line: str) -> bool:
    return "\n" in line or "\r" in line


class Attachment:
    """A file; its type is guessed from its name, then from whether ``data`` is text."""

    def __init__(
        self,
        filename: str | None = None,
        content_type: str | None = None,
        data: str | bytes | None = None,
        disposition: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        if data is None:
            raise ValueError("The 'data' argument is required.")
        self.data = data
        if content_type is None and filename is not None:
            content_type = guess_type(filename)[0]
        if content_type is None:
            content_type = "text/plain" if isinstance(data, str) else "application/octet-stream"
        self.filename = filename
        self.content_type = content_type
        self.disposition = disposition or "attachment"
        self.headers = {} if headers is None else headers

    def as_part(self, ascii_name: bool) -> MIMEBase:
        """The part of the message. With ``ascii_name`` other letters are dropped from the name."""
        part = MIMEBase(*self.content_type.split("/"))
        part.set_payload(self.data)
        encode_base64(part)
        if (name := self.filename) is not None:
            if ascii_name:
                name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
                name = _BLANKS.sub(" ", name).strip()
            written: Any = name if name.isascii() else ("UTF8", "", name)
            part.add_header("Content-Disposition", self.disposition, filename=written)
        for key, value in self.headers.items():
            part.add_header(key, value)
        return part


class Message:
    """An e-mail; ``sender`` is ``MAIL_DEFAULT_SENDER`` unless it is given.

    ``alts`` are other forms of the body by the second half of their types: ``html`` is one of them.
    ``date`` is in seconds since 1970; the time of sending if it is None.
    """

    def __init__(
        self,
        subject: str = "",
        recipients: list[Address] | None = None,
        body: str | None = None,
        html: str | None = None,
        alts: dict[str, str] | Iterable[tuple[str, str]] | None = None,
        sender: Address | None = None,
        cc: list[Address] | None = None,
        bcc: list[Address] | None = None,
        attachments: list[Attachment] | None = None,
        reply_to: Address | None = None,
        date: float | None = None,
        charset: str | None = None,
        extra_headers: dict[str, str] | None = None,
        mail_options: list[str] | None = None,
        rcpt_options: list[str] | None = None,
    ) -> None:
        sender = sender or current_app.state.extensions["mail"].default_sender
        if isinstance(sender, tuple):
            sender = f"{sender[0]} <{sender[1]}>"
        self.recipients: list[Address] = recipients or []
        self.subject = subject
        self.sender: Any = sender
        self.reply_to = reply_to
        self.cc: list[Address] = cc or []
        self.bcc: list[Address] = bcc or []
        self.body = body
        self.alts: dict[str, str] = dict(alts or {})
        self.html = html
        self.date = date
        self.msgId = make_msgid()
        self.charset = charset
        self.extra_headers = extra_headers
        self.mail_options: list[str] = mail_options or []
        self.rcpt_options: list[str] = rcpt_options or []
        self.attachments: list[Attachment] = attachments or []

    @property
    def send_to(self) -> set[Address]:
        """All who get it."""
        return {*self.recipients, *(self.bcc or ()), *(self.cc or ())}

    @property
    def html(self) -> str | None:
        return self.alts.get("html")

    @html.setter
    def html(self, value: str | None) -> None:
        if value is None:
            self.alts.pop("html", None)
        else:
            self.alts["html"] = value

    # ---- writing

    def _text(self, text: str | None, subtype: str = "plain") -> MIMEText:
        return MIMEText(text, subtype, self.charset or "utf-8")  # type: ignore[arg-type]

    def _body(self) -> MIMEBase:
        """Plain text alone, or parts: the alternatives are one of them."""
        if not self.alts and not self.attachments:
            return self._text(self.body)
        whole = MIMEMultipart()
        if self.alts:
            alternative = MIMEMultipart("alternative")
            alternative.attach(self._text(self.body))
            for subtype, content in self.alts.items():
                alternative.attach(self._text(content, subtype))
            whole.attach(alternative)
        else:
            whole.attach(self._text(self.body))
        return whole

    def _message(self) -> MIMEBase:
        encoding = self.charset or "utf-8"

        def several(addresses: Iterable[Address]) -> str:
            # By way of a set, whose order is the original's for the same addresses.
            return ", ".join(list(set(sanitize_addresses(addresses, encoding))))

        ascii_names = current_app.state.extensions["mail"].ascii_attachments
        made = self._body()
        if self.subject:
            made["Subject"] = sanitize_subject(force_text(self.subject), encoding)
        made["From"] = sanitize_address(self.sender, encoding)
        made["To"] = several(self.recipients)
        made["Date"] = formatdate(self.date, localtime=True)
        made["Message-ID"] = self.msgId
        if self.cc:
            made["Cc"] = several(self.cc)
        if self.reply_to:
            made["Reply-To"] = sanitize_address(self.reply_to, encoding)
        for key, value in (self.extra_headers or {}).items():
            made[key] = value
        for attachment in self.attachments or []:
            made.attach(attachment.as_part(ascii_names))
        made.policy = policy.SMTP
        return made

    def as_string(self) -> str:
        return self._message().as_string()

    def as_bytes(self) -> bytes:
        return self._message().as_bytes()

    __str__ = as_string
    __bytes__ = as_bytes

    # ---- checking

    def has_bad_headers(self) -> bool:
        """Whether an address has a line break, or the subject one that does not fold it."""
        headers = [self.sender, *self.recipients]
        if self.reply_to:
            headers.append(self.reply_to)
        for header in headers:
            if _has_newline(f"{header[0]} <{header[1]}>" if isinstance(header, tuple) else header):
                return True
        return bool(self.subject) and _has_newline(self.subject) and not _is_folded(self.subject)

    def is_bad_headers(self) -> bool:
        warnings.warn(
            "'is_bad_headers' is renamed to 'has_bad_headers'.", DeprecationWarning, stacklevel=2
        )
        return self.has_bad_headers()

    # ---- filling and sending

    def send(self, connection: Any) -> None:
        connection.send(self)

    def add_recipient(self, recipient: Address) -> None:
        self.recipients.append(recipient)

    def attach(
        self,
        filename: str | None = None,
        content_type: str | None = None,
        data: str | bytes | None = None,
        disposition: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.attachments.append(Attachment(filename, content_type, data, disposition, headers))


def _is_folded(subject: str) -> bool:
    """Whether every further line begins with a blank and has more than blanks (RFC 5322, 2.2.3)."""
    first, *rest = subject.split("\r\n")
    return all(line[:1] in ("\t", " ") for line in rest) and all(
        line.strip() and not _has_newline(line) for line in [first, *rest]
    )
