"""``ma``: marshmallow's schemas with the app's URLs, JSON and database (flask_marshmallow 1.5)."""

from typing import Any

from marshmallow import exceptions as exceptions
from marshmallow import fields as _base_fields

from . import schemafields as fields
from .schema import Schema as Schema

try:
    from . import schemamodels
except ImportError:  # without marshmallow-sqlalchemy
    schemamodels = None  # type: ignore[assignment]


class Marshmallow:
    """Has all fields of marshmallow and of the app, and the base classes of schemas.

    After a ``SQLAlchemy(app)`` its schemas of models use that one's session.
    """

    def __init__(self, app: Any = None) -> None:
        self.Schema = Schema
        if schemamodels is not None:
            self.SQLAlchemySchema = schemamodels.SQLAlchemySchema
            self.SQLAlchemyAutoSchema = schemamodels.SQLAlchemyAutoSchema
            self.auto_field = schemamodels.auto_field
            self.HyperlinkRelated = schemamodels.HyperlinkRelated
        for name in _base_fields.__all__:
            if not hasattr(self, name):
                setattr(self, name, getattr(_base_fields, name))
        for name in fields.__all__:
            setattr(self, name, getattr(fields, name))
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Any) -> None:
        extensions = app.state.extensions
        if schemamodels is not None and "sqlalchemy" in extensions:
            session = extensions["sqlalchemy"].session
            for schema in (self.SQLAlchemySchema, self.SQLAlchemyAutoSchema):
                schema.OPTIONS_CLASS.session = session
        extensions["flask-marshmallow"] = self
