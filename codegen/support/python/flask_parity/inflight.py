"""How many requests are being worked on: what :mod:`flask_parity.serve` waits for before it exits.

A handler calls :func:`enter` first and :func:`leave` last (for a streamed answer: when the stream
has ended). The server sees its connections by itself; it does not see work that outlives one, such
as a view whose client has hung up, or a teardown after the answer was sent.
"""

from collections import deque

#: One entry for each request. Handlers run on several threads; a deque's ends are safe without a
#: lock, and no sum of its own has to be kept right.
_open: deque[None] = deque()


def enter() -> None:
    """A request is begun."""
    _open.append(None)


def leave() -> None:
    """It is done; once for each :func:`enter`."""
    _open.pop()


def count() -> int:
    """The requests begun and not done."""
    return len(_open)
