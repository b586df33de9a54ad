"""The base of schemas (flask_marshmallow.schema)."""

from typing import Any

import marshmallow

from .jsontext import jsonify


class Schema(marshmallow.Schema):
    """A schema whose output becomes a JSON response."""

    def jsonify(self, obj: Any, many: bool | None = None, *args: Any, **kwargs: Any) -> Any:
        """``obj`` as a response; ``many`` as the schema says unless it is given."""
        data = self.dump(obj, many=self.many if many is None else many)
        return jsonify(data, *args, **kwargs)
