"""Schemas of models (flask_marshmallow.sqla), on marshmallow-sqlalchemy."""

from typing import Any
from urllib.parse import urlparse

import marshmallow_sqlalchemy as sqla
from marshmallow.exceptions import ValidationError

from .context import current_app
from .exceptions import NotFound
from .ground import Match
from .routing import flat
from .schema import Schema
from .urls import url_for

auto_field = sqla.auto_field


class _Unset:
    """No database yet."""


class _WithSession:
    """The app's session, unless ``Meta`` names one."""

    session: Any = _Unset()

    def __init__(self, meta: Any, **kwargs: Any) -> None:
        if not hasattr(meta, "sqla_session"):
            meta.sqla_session = self.session
        super().__init__(meta, **kwargs)


class SQLAlchemySchemaOpts(_WithSession, sqla.SQLAlchemySchemaOpts):
    pass


class SQLAlchemySchema(sqla.SQLAlchemySchema, Schema):
    """A schema of the model that ``Meta.model`` names."""

    OPTIONS_CLASS = SQLAlchemySchemaOpts


class SQLAlchemyAutoSchemaOpts(_WithSession, sqla.SQLAlchemyAutoSchemaOpts):
    pass


class SQLAlchemyAutoSchema(sqla.SQLAlchemyAutoSchema, Schema):
    """The same with a field for each column."""

    OPTIONS_CLASS = SQLAlchemyAutoSchemaOpts


class HyperlinkRelated(sqla.fields.Related):
    """A reference to another model as the URL of ``endpoint``."""

    def __init__(
        self, endpoint: str, url_key: str = "id", external: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.endpoint, self.url_key, self.external = endpoint, url_key, external

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        if value is None:
            return None
        key = super()._serialize(value, attr, obj)
        return url_for(self.endpoint, _external=self.external, **{self.url_key: key})

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if self.external:
            value = urlparse(value).path
        endpoint, values = _matched(value)
        if endpoint != self.endpoint:
            raise ValidationError(
                f'Parsed endpoint "{endpoint}" from URL "{value}"; expected "{self.endpoint}"'
            )
        if self.url_key not in values:
            raise ValidationError(f'URL pattern "{self.url_key}" not found in {values!r}')
        return super()._deserialize(values[self.url_key], *args, **kwargs)


def _matched(path: str) -> tuple[str, dict[str, Any]]:
    """Endpoint and values of a URL that answers GET."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    for _, route in flat(current_app.routes):
        match, found = route.matches(dict(scope))
        if match is Match.FULL:
            return route.name, found["path_params"]
    raise NotFound()
