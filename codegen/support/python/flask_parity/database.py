"""``db``: engines by configuration, a session by request, models (flask_sqlalchemy 3.1)."""

import os
import types
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
import sqlalchemy.event as sa_event
import sqlalchemy.exc as sa_exc
import sqlalchemy.orm as sa_orm

from .context import current, has_app_context
from .errors import abort
from .hooks import teardown_appcontext
from .models import BindMixin, DefaultMeta, DefaultMetaNoName, Model, NameMixin, QueryProperty
from .pagination import Pagination, Query, SelectPagination

_NEW_BASES = (sa_orm.DeclarativeBase, sa_orm.DeclarativeBaseNoMeta)


class Session(sa_orm.Session):
    """A session that takes the engine of the model's or table's bind."""

    def __init__(self, db: "SQLAlchemy", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._db = db

    def get_bind(
        self, mapper: Any = None, clause: Any = None, bind: Any = None, **kwargs: Any
    ) -> Any:
        if bind is not None:
            return bind
        engines = self._db.engines
        if mapper is not None:
            try:
                mapper = sa.inspect(mapper)
            except sa_exc.NoInspectionAvailable as error:
                if isinstance(mapper, type):
                    raise sa_orm.exc.UnmappedClassError(mapper) from error
                raise
            if (engine := _engine_of(mapper.local_table, engines)) is not None:
                return engine
        if clause is not None and (engine := _engine_of(clause, engines)) is not None:
            return engine
        if None in engines:
            return engines[None]
        return super().get_bind(mapper=mapper, clause=clause, bind=bind, **kwargs)


def _engine_of(clause: Any, engines: Mapping[str | None, sa.Engine]) -> sa.Engine | None:
    table = clause.table if isinstance(clause, sa.UpdateBase) else clause
    if not isinstance(table, sa.Table) or "bind_key" not in table.metadata.info:
        return None
    key = table.metadata.info["bind_key"]
    if key not in engines:
        raise sa_exc.UnboundExecutionError(f"Bind key '{key}' is not in 'SQLALCHEMY_BINDS' config.")
    return engines[key]


def _scope() -> int:
    """One session for each request or app context."""
    return id(current())


class SQLAlchemy:
    """The app's database; has all names of ``sqlalchemy`` and ``sqlalchemy.orm`` too."""

    def __init__(
        self,
        app: Any = None,
        *,
        metadata: sa.MetaData | None = None,
        session_options: dict[str, Any] | None = None,
        query_class: Any = Query,
        model_class: Any = Model,
        engine_options: dict[str, Any] | None = None,
        add_models_to_shell: bool = True,
        disable_autonaming: bool = False,
    ) -> None:
        self.Query = query_class
        #: The current request's or app context's session.
        self.session = self._make_scoped_session(dict(session_options or {}))
        #: Metadata by bind; None is the default one's key.
        self.metadatas: dict[str | None, sa.MetaData] = {}
        if metadata is not None and not _new_bases(model_class):
            metadata.info["bind_key"] = None
            self.metadatas[None] = metadata
        #: A table class that finds its metadata by ``bind_key``.
        self.Table = self._make_table_class()
        #: The base of the app's models.
        self.Model: Any = self._make_declarative_base(model_class, disable_autonaming)
        self._engine_options = engine_options or {}
        self._app_engines: WeakKeyDictionary[Any, dict[str | None, sa.Engine]]
        self._app_engines = WeakKeyDictionary()
        if app is not None:
            self.init_app(app)

    def __repr__(self) -> str:
        if not has_app_context():
            return f"<{type(self).__name__}>"
        more = f" +{len(self.engines) - 1}" if len(self.engines) > 1 else ""
        return f"<{type(self).__name__} {self.engine.url}{more}>"

    def init_app(self, app: Any) -> None:
        """Makes the engines of the app's configuration, which is to be complete by then."""
        state = app.state
        if "sqlalchemy" in state.extensions:
            raise RuntimeError(
                "A 'SQLAlchemy' instance has already been registered on this app."
                " Import and use that instance instead."
            )
        state.extensions["sqlalchemy"] = self
        teardown_appcontext(app)(self._teardown_session)
        config = state.config
        uri = config.setdefault("SQLALCHEMY_DATABASE_URI", None)
        options = {
            **self._engine_options,
            **config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {}),
        }
        echo = config.setdefault("SQLALCHEMY_ECHO", False)
        found: dict[str | None, dict[str, Any]] = {}
        for key, value in config.setdefault("SQLALCHEMY_BINDS", {}).items():
            own = {"url": value} if isinstance(value, (str, sa.URL)) else value
            found[key] = {**self._engine_options, **own}
        if uri is not None:
            options["url"] = uri
        if "url" in options:
            found.setdefault(None, {}).update(options)
        if not found:
            raise RuntimeError(
                "Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set."
            )
        engines = self._app_engines.setdefault(app, {})
        for key, settings in found.items():
            self._make_metadata(key)
            settings.setdefault("echo", echo)
            settings.setdefault("echo_pool", echo)
            self._apply_driver_defaults(settings, app)
            engines[key] = self._make_engine(key, settings, app)
        for name in ("SQLALCHEMY_RECORD_QUERIES", "SQLALCHEMY_TRACK_MODIFICATIONS"):
            config.setdefault(name, False)

    def _make_scoped_session(self, options: dict[str, Any]) -> sa_orm.scoped_session[Any]:
        scope = options.pop("scopefunc", _scope)
        return sa_orm.scoped_session(self._make_session_factory(options), scope)

    def _make_session_factory(self, options: dict[str, Any]) -> sa_orm.sessionmaker[Any]:
        options.setdefault("class_", Session)
        options.setdefault("query_cls", self.Query)
        return sa_orm.sessionmaker(db=self, **options)

    def _teardown_session(self, error: BaseException | None) -> None:
        self.session.remove()

    def _make_metadata(self, bind_key: str | None) -> sa.MetaData:
        """The metadata of a bind; the default one's naming convention holds for all."""
        if bind_key not in self.metadatas:
            convention = None
            if bind_key is not None:
                convention = self._make_metadata(None).naming_convention
            self.metadatas[bind_key] = sa.MetaData(
                naming_convention=convention, info={"bind_key": bind_key}
            )
        return self.metadatas[bind_key]

    def _make_table_class(self) -> Any:
        make_metadata = self._make_metadata

        class Table(sa.Table):
            def __new__(cls, *args: Any, bind_key: str | None = None, **kwargs: Any) -> Any:
                if args and not (len(args) >= 2 and isinstance(args[1], sa.MetaData)):
                    args = (args[0], make_metadata(bind_key), *args[1:])
                return super().__new__(cls, *args, **kwargs)

            def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
                super().__init__(name, *args, **kwargs)

        return Table

    def _make_declarative_base(self, model_class: Any, disable_autonaming: bool) -> Any:
        bases = _new_bases(model_class)
        if len(bases) > 1:
            raise ValueError(
                "Only one declarative base can be passed to SQLAlchemy."
                f" Got: {model_class.__bases__}"
            )
        if bases:
            body = {**model_class.__dict__, "__fsa__": self}
            mixins = (BindMixin, Model) if disable_autonaming else (BindMixin, NameMixin, Model)
            model: Any = types.new_class(
                "FlaskSQLAlchemyBase",
                (*mixins, *model_class.__bases__),
                {"metaclass": type(bases[0])},
                lambda namespace: namespace.update(body),
            )
        elif not isinstance(model_class, sa_orm.DeclarativeMeta):
            model = sa_orm.declarative_base(
                metadata=self._make_metadata(None),
                cls=model_class,
                name="Model",
                metaclass=DefaultMetaNoName if disable_autonaming else DefaultMeta,
            )
        else:
            model = model_class
        if None in self.metadatas:
            model.metadata = self.metadatas[None]
        else:
            model.metadata.info["bind_key"] = None
            self.metadatas[None] = model.metadata
        model.query_class = self.Query
        model.query = QueryProperty()
        model.__fsa__ = self
        return model

    def _apply_driver_defaults(self, options: dict[str, Any], app: Any) -> None:
        """One connection for SQLite in memory; files are in the instance folder."""
        url = sa.make_url(options["url"])
        if url.drivername in ("sqlite", "sqlite+pysqlite"):
            if url.database in (None, "", ":memory:"):
                options["poolclass"] = sa.pool.StaticPool
                options.setdefault("connect_args", {})["check_same_thread"] = False
                return
            is_uri = url.query.get("uri", False)
            path = url.database[5:] if is_uri else url.database
            if not os.path.isabs(path):
                os.makedirs(app.state.instance_path, exist_ok=True)
                path = os.path.join(app.state.instance_path, path)
                options["url"] = url.set(database=f"file:{path}" if is_uri else path)
        elif url.drivername.startswith("mysql"):
            if options.get("pool_class", sa.pool.QueuePool) is sa.pool.QueuePool:
                options.setdefault("pool_recycle", 7200)
            if "charset" not in url.query:
                options["url"] = url.update_query_dict({"charset": "utf8mb4"})

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Any) -> sa.Engine:
        return sa.engine_from_config(options, prefix="")

    @property
    def metadata(self) -> sa.MetaData:
        return self.metadatas[None]

    @property
    def engines(self) -> Mapping[str | None, sa.Engine]:
        """The current app's engines by bind."""
        app = current().app
        if app not in self._app_engines:
            raise RuntimeError(
                "The current app is not registered with this 'SQLAlchemy' instance. Did you forget"
                " to call 'init_app', or did you create multiple 'SQLAlchemy' instances?"
            )
        return self._app_engines[app]

    @property
    def engine(self) -> sa.Engine:
        return self.engines[None]

    def get_engine(self, bind_key: str | None = None, **kwargs: Any) -> sa.Engine:
        return self.engines[kwargs.get("bind", bind_key)]

    def get_or_404(
        self, entity: Any, ident: Any, *, description: str | None = None, **kwargs: Any
    ) -> Any:
        """The row of a primary key, or a 404."""
        found = self.session.get(entity, ident, **kwargs)
        if found is None:
            abort(404, description)
        return found

    def first_or_404(self, statement: Any, *, description: str | None = None) -> Any:
        found = self.session.execute(statement).scalar()
        if found is None:
            abort(404, description)
        return found

    def one_or_404(self, statement: Any, *, description: str | None = None) -> Any:
        try:
            return self.session.execute(statement).scalar_one()
        except (sa_exc.NoResultFound, sa_exc.MultipleResultsFound):
            abort(404, description)

    def paginate(
        self,
        select: Any,
        *,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int | None = None,
        error_out: bool = True,
        count: bool = True,
    ) -> Pagination:
        """One page of the rows of a ``select``."""
        return SelectPagination(
            select=select,
            session=self.session(),
            page=page,
            per_page=per_page,
            max_per_page=max_per_page,
            error_out=error_out,
            count=count,
        )

    def _call_for_binds(self, bind_key: Any, name: str) -> None:
        keys = [bind_key] if bind_key is None or isinstance(bind_key, str) else bind_key
        for key in list(self.metadatas) if bind_key == "__all__" else keys:
            if key not in self.engines:
                message = f"Bind key '{key}' is not in 'SQLALCHEMY_BINDS' config."
                if key is None:
                    message = f"'SQLALCHEMY_DATABASE_URI' config is not set. {message}"
                raise sa_exc.UnboundExecutionError(message)
            getattr(self.metadatas[key], name)(bind=self.engines[key])

    def create_all(self, bind_key: Any = "__all__") -> None:
        """Creates the tables that are not there, in all databases or those of the given binds."""
        self._call_for_binds(bind_key, "create_all")

    def drop_all(self, bind_key: Any = "__all__") -> None:
        self._call_for_binds(bind_key, "drop_all")

    def reflect(self, bind_key: Any = "__all__") -> None:
        """Reads the tables from the databases."""
        self._call_for_binds(bind_key, "reflect")

    def _set_query_class(self, options: dict[str, Any]) -> None:
        options.setdefault("query_class", self.Query)
        if backref := options.get("backref"):
            name, settings = (backref, {}) if isinstance(backref, str) else backref
            options["backref"] = (name, {"query_class": self.Query, **settings})

    def relationship(self, *args: Any, **kwargs: Any) -> Any:
        """SQLAlchemy's, with the app's query class for dynamic ones."""
        self._set_query_class(kwargs)
        return sa_orm.relationship(*args, **kwargs)

    def dynamic_loader(self, argument: Any, **kwargs: Any) -> Any:
        self._set_query_class(kwargs)
        return sa_orm.dynamic_loader(argument, **kwargs)

    relation = relationship

    def __getattr__(self, name: str) -> Any:
        if name == "event":
            return sa_event
        if not name.startswith("_"):
            for module in (sa, sa_orm):
                if hasattr(module, name):
                    return getattr(module, name)
        raise AttributeError(name)


def _new_bases(model_class: Any) -> list[Any]:
    return [base for base in model_class.__bases__ if issubclass(base, _NEW_BASES)]
