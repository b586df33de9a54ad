"""The sockets of :mod:`flask_parity.serve`: made, put into Robyn, and asked what is on them."""

import ctypes
import os
import socket
import stat
import struct
from typing import Any


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """A listener that other processes of the same user may join."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    # "localhost" is IPv4 for most clients; a name with both kinds of address is bound to that.
    family, *_, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(address)
    listener.listen(backlog)
    return listener


def descriptors() -> dict[int, int]:
    """The sockets of this process: descriptor and inode."""
    found = {}
    for name in os.listdir("/dev/fd"):
        try:
            state = os.fstat(int(name))
        except OSError:  # closed meanwhile, as the one that the listing used
            continue
        if stat.S_ISSOCK(state.st_mode):
            found[int(name)] = state.st_ino
    return found


def pinned(descriptor: int) -> socket.socket | None:
    """A handle of our own: the number may be another socket's when Rust closes it meanwhile."""
    try:
        return socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return None


def is_listener(connection: socket.socket) -> bool:
    return bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def into_robyn(listener: socket.socket) -> Any:
    """Robyn's socket object with our listener in it.

    It can only bind IP literals, and takes no descriptor: so ours is put in the place of the one
    that it made. The server clones it when it starts.
    """
    from robyn.robyn import SocketHeld

    listener.setblocking(False)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
    before = descriptors()
    held = SocketHeld("127.0.0.1", 0)
    for descriptor, inode in descriptors().items():
        if before.get(descriptor) != inode and (handle := pinned(descriptor)):
            with handle:
                made = is_listener(handle)
            if made:
                os.dup2(listener.fileno(), descriptor, inheritable=False)
                return held
    raise RuntimeError("this is not the Robyn that is known here: its socket was not found")


def refuse_new(listener: socket.socket) -> None:
    """Has the kernel ignore SYNs to this listener; what is past its SYN goes on.

    A client repeats its SYN after a second, and it is another listener's by then.
    """
    code = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
    text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
    program = struct.pack("@HP", len(code), ctypes.addressof(text))
    listener.setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER


def _info(connection: socket.socket) -> bytes:
    """Linux's struct tcp_info, of which offsets never change."""
    info = connection.getsockopt(socket.IPPROTO_TCP, 11, 192)  # TCP_INFO
    return info.ljust(192, b"\0")  # an old kernel knows less


def waiting(listener: socket.socket) -> int:
    """The connections that wait to be accepted (tcpi_unacked of a listener)."""
    return int(struct.unpack_from("=I", _info(listener), 24)[0])


def is_ours(connection: socket.socket, quiet: float) -> bool:
    """Whether this side spoke last, and no less than ``quiet`` seconds ago.

    The times are as coarse as the kernel's clock ticks; that of the handshake counts as sent.
    """
    info = _info(connection)
    sent, _, received = struct.unpack_from("=III", info, 44)  # tcpi_last_data_*, milliseconds
    segments_received, segments_sent = struct.unpack_from("=II", info, 152)
    first = segments_received and not segments_sent
    return bool(1000 * quiet <= sent <= received and not first)
