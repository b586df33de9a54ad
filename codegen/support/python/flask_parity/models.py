"""Model classes: table names, binds, ``query`` and ``repr`` (flask_sqlalchemy.model).

The classes serve SQLAlchemy's metaclass style as well as its ``DeclarativeBase`` style.
"""

import re
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm as sa_orm

from .pagination import Query


class QueryProperty:
    """``Model.query``: a new query in the current session."""

    def __get__(self, obj: Any, cls: Any) -> Any:
        return cls.query_class(cls, session=cls.__fsa__.session())


class Model:
    """The base of the base class: ``db.Model`` inherits it."""

    __fsa__: Any
    query_class: Any = Query
    query: Any = QueryProperty()

    def __repr__(self) -> str:
        state: Any = sa.inspect(self)
        if state.transient:
            key = f"(transient {id(self)})"
        elif state.pending:
            key = f"(pending {id(self)})"
        else:
            key = ", ".join(map(str, state.identity))
        return f"<{type(self).__name__} {key}>"


def camel_to_snake_case(name: str) -> str:
    """``HTTPRequest`` is ``http_request``."""
    return re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name).lower().lstrip("_")


def should_set_tablename(cls: type) -> bool:
    """Whether a model needs a name made from its class: it is not abstract and inherits none."""
    new_bases = (sa_orm.DeclarativeBase, sa_orm.DeclarativeBaseNoMeta)
    is_model = issubclass(cls, new_bases) or any(
        isinstance(base, sa_orm.DeclarativeMeta) for base in cls.__mro__[1:]
    )
    if cls.__dict__.get("__abstract__", False) or not is_model:
        return False
    if any(base in new_bases for base in cls.__bases__):
        return False
    for base in cls.__mro__:
        if "__tablename__" not in base.__dict__:
            continue
        if isinstance(base.__dict__["__tablename__"], sa_orm.declared_attr):
            return False
        is_mixin = not (
            isinstance(
                base, (sa_orm.DeclarativeMeta, sa_orm.decl_api.DeclarativeAttributeIntercept)
            )
            or issubclass(base, sa_orm.DeclarativeBaseNoMeta)
        )
        return not (base is cls or base.__dict__.get("__abstract__", False) or is_mixin)
    return True


def _set_metadata(cls: Any, key: str | None) -> None:
    metadata = cls.__fsa__._make_metadata(key)
    if metadata is not getattr(cls, "metadata", None):
        cls.metadata = metadata


def _drop_empty_table(cls: Any) -> None:
    own = cls.__dict__
    if "__tablename__" not in own and "__table__" in own and own["__table__"] is None:
        del cls.__table__


def _table(cls: Any, *args: Any, **kwargs: Any) -> sa.Table | None:
    """The model's table; None when it has no key of its own (single-table inheritance)."""
    schema = kwargs.get("schema")
    key = args[0] if schema is None else f"{schema}.{args[0]}"
    has_key = any(
        (isinstance(arg, sa.Column) and arg.primary_key) or isinstance(arg, sa.PrimaryKeyConstraint)
        for arg in args
    )
    inherits = any("__table__" in base.__dict__ for base in cls.__mro__[1:-1])
    if key in cls.metadata.tables or has_key or not inherits:
        return sa.Table(*args, **kwargs)
    if "__tablename__" in cls.__dict__:
        del cls.__tablename__
    return None


# ---- for SQLAlchemy's metaclass style


class BindMetaMixin(type):
    """Gives a model the metadata of its ``__bind_key__``."""

    def __init__(cls, name: str, bases: Any, d: Any, **kwargs: Any) -> None:
        if not ("metadata" in cls.__dict__ or "__table__" in cls.__dict__):
            _set_metadata(cls, getattr(cls, "__bind_key__", None))
        super().__init__(name, bases, d, **kwargs)


class NameMetaMixin(type):
    """Gives a model its table's name."""

    def __init__(cls, name: str, bases: Any, d: Any, **kwargs: Any) -> None:
        if should_set_tablename(cls):
            cls.__tablename__ = camel_to_snake_case(cls.__name__)
        super().__init__(name, bases, d, **kwargs)
        _drop_empty_table(cls)

    def __table_cls__(cls, *args: Any, **kwargs: Any) -> sa.Table | None:
        return _table(cls, *args, **kwargs)


class DefaultMeta(BindMetaMixin, NameMetaMixin, sa_orm.DeclarativeMeta):
    """The metaclass of ``db.Model``."""


class DefaultMetaNoName(BindMetaMixin, sa_orm.DeclarativeMeta):
    """The same without names (``disable_autonaming``)."""


# ---- for SQLAlchemy's DeclarativeBase style


class BindMixin:
    """Gives a model the metadata of its ``__bind_key__``."""

    __fsa__: Any

    @classmethod
    def __init_subclass__(cls, **kwargs: Any) -> None:
        own = cls.__dict__
        if not ("metadata" in own or "__table__" in own) and hasattr(cls, "__bind_key__"):
            _set_metadata(cls, cls.__bind_key__)
        super().__init_subclass__(**kwargs)


class NameMixin:
    """Gives a model its table's name."""

    @classmethod
    def __init_subclass__(cls, **kwargs: Any) -> None:
        if should_set_tablename(cls):
            cls.__tablename__ = camel_to_snake_case(cls.__name__)
        super().__init_subclass__(**kwargs)
        _drop_empty_table(cls)

    @classmethod
    def __table_cls__(cls, *args: Any, **kwargs: Any) -> sa.Table | None:
        return _table(cls, *args, **kwargs)
