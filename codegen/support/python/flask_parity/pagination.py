"""Pages of a query, by the request's ``page`` and ``per_page`` (flask_sqlalchemy.pagination)."""

from collections.abc import Iterator
from math import ceil
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc as sa_exc
import sqlalchemy.orm as sa_orm

from .context import has_request_context, request
from .errors import abort


class Pagination:
    """The rows of one page, and the numbers of the pages around it."""

    def __init__(
        self,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int | None = 100,
        error_out: bool = True,
        count: bool = True,
        **kwargs: Any,
    ) -> None:
        self._query_args = kwargs
        self.page = _number(page, "page", 1, None, error_out)
        self.per_page = _number(per_page, "per_page", 20, max_per_page, error_out)
        self.max_per_page = max_per_page
        self.items: list[Any] = self._query_items()
        if not self.items and self.page != 1 and error_out:
            abort(404)
        #: The number of rows of all pages; None if it was not to be counted.
        self.total: int | None = self._query_count() if count else None

    @property
    def _query_offset(self) -> int:
        return (self.page - 1) * self.per_page

    def _query_items(self) -> list[Any]:
        raise NotImplementedError

    def _query_count(self) -> int:
        raise NotImplementedError

    @property
    def first(self) -> int:
        """The number of the page's first row, from 1; 0 on an empty page."""
        return self._query_offset + 1 if self.items else 0

    @property
    def last(self) -> int:
        """The number of the page's last row; 0 on an empty page."""
        return max(self.first, self.first + len(self.items) - 1)

    @property
    def pages(self) -> int:
        """The number of pages."""
        return ceil(self.total / self.per_page) if self.total else 0

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def prev_num(self) -> int | None:
        return self.page - 1 if self.has_prev else None

    def prev(self, *, error_out: bool = False) -> "Pagination":
        """The page before."""
        return self._other(self.page - 1, error_out, {})

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    @property
    def next_num(self) -> int | None:
        return self.page + 1 if self.has_next else None

    def next(self, *, error_out: bool = False) -> "Pagination":
        """The page after."""
        return self._other(self.page + 1, error_out, {"max_per_page": self.max_per_page})

    def _other(self, page: int, error_out: bool, options: dict[str, Any]) -> "Pagination":
        found = type(self)(
            page=page,
            per_page=self.per_page,
            error_out=error_out,
            count=False,
            **options,
            **self._query_args,
        )
        found.total = self.total
        return found

    def iter_pages(
        self,
        *,
        left_edge: int = 2,
        left_current: int = 2,
        right_current: int = 4,
        right_edge: int = 2,
    ) -> Iterator[int | None]:
        """Numbers of pages for a bar of links; None stands for those left out."""
        end = self.pages + 1
        if end == 1:
            return
        left_end = min(1 + left_edge, end)
        yield from range(1, left_end)
        if left_end == end:
            return
        middle = max(left_end, self.page - left_current)
        middle_end = min(self.page + right_current + 1, end)
        if middle > left_end:
            yield None
        yield from range(middle, middle_end)
        if middle_end == end:
            return
        right = max(middle_end, end - right_edge)
        if right > middle_end:
            yield None
        yield from range(right, end)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)


def _number(value: int | None, name: str, default: int, limit: int | None, strict: bool) -> int:
    """A number of the call, the query string or the default; a 404 if it is not one."""
    if value is None:
        value = default
        if has_request_context():
            try:
                value = int(request.args.get(name, default))
            except (TypeError, ValueError):
                if strict:
                    abort(404)
    if limit is not None:
        value = min(value, limit)
    if value < 1:
        if strict:
            abort(404)
        value = default
    return value


class SelectPagination(Pagination):
    """Pages of a ``select`` in a ``session``."""

    def _query_items(self) -> list[Any]:
        statement = self._query_args["select"].limit(self.per_page).offset(self._query_offset)
        return list(self._query_args["session"].execute(statement).unique().scalars())

    def _query_count(self) -> int:
        statement = self._query_args["select"].options(sa_orm.lazyload("*")).order_by(None)
        count = sa.select(sa.func.count()).select_from(statement.subquery())
        return self._query_args["session"].execute(count).scalar()


class QueryPagination(Pagination):
    """Pages of a ``query``."""

    def _query_items(self) -> list[Any]:
        return self._query_args["query"].limit(self.per_page).offset(self._query_offset).all()

    def _query_count(self) -> int:
        return self._query_args["query"].order_by(None).count()


class Query(sa_orm.Query):  # type: ignore[type-arg]
    """SQLAlchemy's query with answers of 404 and pages (flask_sqlalchemy.query)."""

    def get_or_404(self, ident: Any, description: str | None = None) -> Any:
        found = self.get(ident)
        if found is None:
            abort(404, description)
        return found

    def first_or_404(self, description: str | None = None) -> Any:
        found = self.first()
        if found is None:
            abort(404, description)
        return found

    def one_or_404(self, description: str | None = None) -> Any:
        try:
            return self.one()
        except (sa_exc.NoResultFound, sa_exc.MultipleResultsFound):
            abort(404, description)

    def paginate(
        self,
        *,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int | None = None,
        error_out: bool = True,
        count: bool = True,
    ) -> Pagination:
        """One page of the query's rows."""
        return QueryPagination(
            query=self,
            page=page,
            per_page=per_page,
            max_per_page=max_per_page,
            error_out=error_out,
            count=count,
        )
