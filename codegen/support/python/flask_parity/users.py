"""Users as the login keeps them: what their classes inherit, and the proxy of the current one."""

from collections.abc import Callable, Iterator
from typing import Any


class UserMixin:
    """What a class of users needs, by its ``id`` (flask_login.mixins)."""

    __hash__ = object.__hash__

    @property
    def is_active(self) -> bool:
        return True

    @property
    def is_authenticated(self) -> bool:
        return self.is_active

    @property
    def is_anonymous(self) -> bool:
        return False

    def get_id(self) -> str:
        try:
            return str(self.id)  # type: ignore[attr-defined]
        except AttributeError:
            raise NotImplementedError("No `id` attribute - override `get_id`") from None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, UserMixin):
            return self.get_id() == other.get_id()
        return NotImplemented

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return NotImplemented if equal is NotImplemented else not equal


class AnonymousUserMixin:
    """A visitor who is not logged in."""

    @property
    def is_authenticated(self) -> bool:
        return False

    @property
    def is_active(self) -> bool:
        return False

    @property
    def is_anonymous(self) -> bool:
        return True

    def get_id(self) -> None:
        return None


class UserProxy:
    """The current user, looked up at every use (as werkzeug.local.LocalProxy, its class too)."""

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[], Any]) -> None:
        object.__setattr__(self, "_find", find)

    def _get_current_object(self) -> Any:
        """The user itself, for code that must not hold the proxy."""
        return self._find()

    @property
    def __class__(self) -> type:  # isinstance() sees the user's class
        return type(self._find())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._find(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._find(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._find(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._find()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._find()[key] = value

    def __contains__(self, key: Any) -> bool:
        return key in self._find()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._find())

    def __len__(self) -> int:
        return len(self._find())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._find()(*args, **kwargs)

    def __bool__(self) -> bool:
        return bool(self._find())

    def __eq__(self, other: object) -> bool:
        return self._find() == other

    def __ne__(self, other: object) -> bool:
        return self._find() != other

    def __hash__(self) -> int:
        return hash(self._find())

    def __dir__(self) -> list[str]:
        return dir(self._find())

    def __str__(self) -> str:
        return str(self._find())

    def __repr__(self) -> str:
        return repr(self._find())
