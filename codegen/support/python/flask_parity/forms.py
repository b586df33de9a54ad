"""Forms of WTForms that read the current request (flask_wtf.form)."""

from functools import cached_property
from typing import Any

from markupsafe import Markup
from wtforms import Form as PlainForm
from wtforms.meta import DefaultMeta
from wtforms.widgets import HiddenInput

from .context import current, has_request_context, request, session
from .csrf import SessionCSRF
from .filefields import FileAllowed as FileAllowed
from .filefields import FileField as FileField
from .filefields import FileRequired as FileRequired
from .filefields import FileSize as FileSize
from .filefields import MultipleFileField as MultipleFileField
from .filefields import file_allowed as file_allowed
from .filefields import file_required as file_required
from .filefields import file_size as file_size
from .multidict import MultiDict

SUBMIT_METHODS = {"POST", "PUT", "PATCH", "DELETE"}
_AUTO: Any = object()


def _config() -> Any:
    return current().app.state.config


def _is_submitted() -> bool:
    return has_request_context() and request.method in SUBMIT_METHODS


def _from_json(data: Any) -> MultiDict:
    """A JSON object as a form; lists are several values (werkzeug.datastructures.MultiDict)."""
    if not isinstance(data, dict):
        return MultiDict(data)
    pairs = []
    for key, value in data.items():
        values = value if isinstance(value, (list, tuple, set)) else [value]
        pairs += [(key, item) for item in values]
    return MultiDict(pairs)


class FlaskForm(PlainForm):
    """A form filled from the request's fields, files or JSON, with a token in it.

    Pass ``formdata=None`` to have it filled from its other arguments only.
    """

    class Meta(DefaultMeta):
        csrf_class = SessionCSRF
        csrf_context = session  # for classes of the app's own

        @cached_property
        def csrf(self) -> bool:
            return _config().get("WTF_CSRF_ENABLED", True)

        @cached_property
        def csrf_secret(self) -> Any:
            return _config().get("WTF_CSRF_SECRET_KEY", _config()["SECRET_KEY"])

        @cached_property
        def csrf_field_name(self) -> str:
            return _config().get("WTF_CSRF_FIELD_NAME", "csrf_token")

        @cached_property
        def csrf_time_limit(self) -> int:
            return _config().get("WTF_CSRF_TIME_LIMIT", 3600)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            if formdata is not _AUTO:
                return formdata
            if not _is_submitted():
                return None
            files, fields = request.files, request.form
            if files:
                return MultiDict([*files.items(multi=True), *fields.items(multi=True)])
            if fields:
                return fields
            return _from_json(request.get_json()) if request.is_json else None

        def get_translations(self, form: Any) -> Any:
            if not _config().get("WTF_I18N_ENABLED", True):
                return super().get_translations(form)
            # Without Flask-Babel, Flask-WTF translates nothing.
            babel = current().app.state.extensions.get("babel")
            return None if babel is None else babel.instance.form_texts

    def __init__(self, formdata: Any = _AUTO, **kwargs: Any) -> None:
        super().__init__(formdata=formdata, **kwargs)

    def is_submitted(self) -> bool:
        """Whether the request is a POST, PUT, PATCH or DELETE."""
        return _is_submitted()

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Whether the form was submitted and is valid."""
        return self.is_submitted() and self.validate(extra_validators=extra_validators)

    def hidden_tag(self, *fields: Any) -> Markup:
        """The hidden fields, or those of ``fields`` (names or fields) that are hidden."""
        found = []
        for field in fields or self:
            if isinstance(field, str):
                field = getattr(self, field, None)
            if field is not None and isinstance(field.widget, HiddenInput):
                found.append(str(field))
        return Markup("\n".join(found))


#: The older name of the class.
Form = FlaskForm
