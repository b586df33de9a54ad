"""File fields of forms and what validates them (flask_wtf.file)."""

from collections.abc import Iterable
from io import SEEK_END, BytesIO
from typing import Any

from wtforms import FileField as PlainFileField
from wtforms import MultipleFileField as PlainMultipleFileField
from wtforms.validators import DataRequired, StopValidation, ValidationError


def _is_upload(value: Any) -> bool:
    """An uploaded file that has a name."""
    return hasattr(value, "stream") and hasattr(value, "filename") and bool(value)


def _uploads(field: Any) -> list[Any]:
    """The field's files; none if any of its values is something else."""
    found = field.data if isinstance(field.data, list) else [field.data]
    return found if all(_is_upload(value) for value in found) else []


class FileField(PlainFileField):
    """A field with the uploaded file as its data."""

    def process_formdata(self, valuelist: Any) -> None:
        found = [value for value in valuelist if _is_upload(value)]
        if found:
            self.data = found[0]
        else:
            self.raw_data = ()


class MultipleFileField(PlainMultipleFileField):
    """A field with the uploaded files as its data."""

    def process_formdata(self, valuelist: Any) -> None:
        found = [value for value in valuelist if _is_upload(value)]
        if found:
            self.data = found
        else:
            self.raw_data = ()


class FileRequired(DataRequired):
    """The field has a file."""

    def __call__(self, form: Any, field: Any) -> None:
        if not _uploads(field):
            raise StopValidation(self.message or field.gettext("This field is required."))


class FileAllowed:
    """The file's name ends as one of ``upload_set`` (or as an upload set allows)."""

    def __init__(self, upload_set: Any, message: str | None = None) -> None:
        self.upload_set = upload_set
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        found = _uploads(field)
        for name in [upload.filename.lower() for upload in found]:
            if isinstance(self.upload_set, Iterable):
                if any(name.endswith("." + ending) for ending in self.upload_set):
                    continue
                text = "File does not have an approved extension: {extensions}"
                raise StopValidation(
                    self.message
                    or field.gettext(text).format(extensions=", ".join(self.upload_set))
                )
            if not self.upload_set.file_allowed(found, name):
                raise StopValidation(
                    self.message or field.gettext("File does not have an approved extension.")
                )


class FileSize:
    """The file has between ``min_size`` and ``max_size`` bytes."""

    def __init__(self, max_size: int, min_size: int = 0, message: str | None = None) -> None:
        self.min_size, self.max_size, self.message = min_size, max_size, message

    def __call__(self, form: Any, field: Any) -> None:
        for upload in _uploads(field):
            stream = upload.stream
            if isinstance(stream, BytesIO):
                size = stream.getbuffer().nbytes
            else:
                size = stream.seek(0, SEEK_END)
                stream.seek(0)
            if not self.min_size <= size <= self.max_size:
                text = f"File must be between {self.min_size} and {self.max_size} bytes."
                raise ValidationError(self.message or field.gettext(text))


file_required = FileRequired
file_allowed = FileAllowed
file_size = FileSize
