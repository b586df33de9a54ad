"""flask_parity.database, compared with Flask-SQLAlchemy."""

import flask
import flask_sqlalchemy
import flask_sqlalchemy.model
import pytest
import sqlalchemy as sa
import sqlalchemy.orm as sa_orm
from sides import Pair, original, port, same_time_and_chance  # noqa: F401

from flask_parity import context, database
from flask_parity import models as models_of_port

QUERIES = ["", "?page=2", "?page=9", "?page=x", "?page=0", "?per_page=3", "?per_page=-1&page=2"]


def models(db):
    """Models of every kind that has a rule of its own."""

    class HTTPAuthor(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20), nullable=False)
        books = db.relationship("Book", backref="author", lazy="dynamic")

    class Book(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        kind = db.Column(db.String)
        author_id = db.Column(db.ForeignKey("http_author.id"))
        __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "b"}

    class Novel(Book):
        __mapper_args__ = {"polymorphic_identity": "n"}

    class Atlas(Book):
        id = db.Column(db.ForeignKey("book.id"), primary_key=True)
        __mapper_args__ = {"polymorphic_identity": "a"}

    class Stamped:
        made = db.Column(db.Integer)

    class AbstractThing(db.Model):
        __abstract__ = True
        id = db.Column(db.Integer, primary_key=True)

    class Thing(Stamped, AbstractThing):
        pass

    class Named(db.Model):
        __tablename__ = "other"
        __bind_key__ = "second"
        id = db.Column(db.Integer, primary_key=True)

    db.Table("pairs", db.Column("a", db.ForeignKey("book.id")))
    db.Table("far", db.Column("a", db.Integer), bind_key="second")
    return HTTPAuthor, Book, Novel, Atlas, Thing, Named


def build(rule, db, request):
    author, book, novel, atlas, thing, named = models(db)

    @rule("/fill")
    def fill():
        db.create_all()
        row = author(name="x")
        db.session.add(row)
        assert repr(row).startswith("<HTTPAuthor (pending")
        db.session.flush()
        db.session.add_all([novel(author=row) for _ in range(25)])
        db.session.add_all([atlas(author=row), thing(made=1), named()])
        db.session.commit()
        return f"{row!r} {row.books.count()} {type(row.books).__mro__[1].__name__} {db}"

    @rule("/names")
    def names():
        found = {key: sorted(data.tables) for key, data in db.metadatas.items()}
        return str(found) + str([m.__table__.name for m in (author, book, novel, atlas)])

    @rule("/get/{key}")
    def get(key):
        return repr(db.get_or_404(book, key))

    @rule("/old/{key}")
    def old(key):
        return repr(book.query.get_or_404(key, description="none <b>"))

    @rule("/one/{key}")
    def one(key):
        found = db.one_or_404(db.select(book).where(book.kind == key), description="not one")
        return repr((found, book.query.filter_by(kind=key).one_or_404()))

    @rule("/first/{key}")
    def first(key):
        found = db.first_or_404(db.select(book).filter_by(kind=key).order_by(book.id))
        return repr((found, book.query.filter_by(kind=key).order_by(book.id).first_or_404()))

    def show(page):
        bar = list(page.iter_pages(left_edge=1, left_current=1, right_current=1, right_edge=1))
        numbers = (page.page, page.per_page, page.total, page.pages, page.first, page.last)
        around = (page.prev_num, page.next_num, page.has_prev, page.has_next)
        following = [repr(row) for row in page.next()] if page.has_next else None
        return repr(([repr(row) for row in page], numbers, around, bar, following))

    @rule("/pages")
    def pages():
        return show(db.paginate(db.select(book).order_by(book.id), per_page=None, max_per_page=9))

    @rule("/query")
    def query():
        lenient = book.query.order_by(book.id).paginate(error_out=False, max_per_page=7)
        return show(lenient) + show(book.query.order_by(book.id).paginate(per_page=4))

    @rule("/lost")
    def lost():
        db.session.add(thing(made=2))
        return str(thing.query.count())

    @rule("/same")
    def same():
        return str(db.session() is db.session() and request.args.get("a"))


def new_style():
    return type("Base", (sa_orm.DeclarativeBase,), {})


@pytest.mark.parametrize("new", [False, True])
def test_a_small_app(new):
    theirs, ours = (new_style() if new else None for _ in range(2))
    settings = {"SQLALCHEMY_DATABASE_URI": "sqlite://", "SQLALCHEMY_BINDS": {"second": "sqlite://"}}
    apps = original(**settings), port(**settings)
    first = flask_sqlalchemy.SQLAlchemy(**({"model_class": theirs} if new else {}))
    second = database.SQLAlchemy(**({"model_class": ours} if new else {}))

    def their_rule(path):
        return apps[0].get(path.replace("{", "<").replace("}", ">"))

    build(their_rule, first, flask.request)
    build(apps[1].get, second, context.request)
    first.init_app(apps[0])
    second.init_app(apps[1])
    browser = Pair(*apps)
    assert browser.get("/fill")[0] == 200
    paths = ["/names", "/get/1", "/get/99", "/old/3", "/old/77", "/one/n", "/one/a", "/one/z"]
    paths += ["/first/n", "/first/z", "/lost", "/lost", "/same?a=1"]
    paths += [f"/{page}{query}" for page in ("pages", "query") for query in QUERIES]
    statuses = {browser.get(path)[0] for path in paths}
    assert statuses == {200, 404}


def test_names_of_constraints_and_columns():
    convention = {"pk": "pk_%(table_name)s", "ix": "ix_%(column_0_label)s"}
    found = []
    for library in (flask_sqlalchemy, database):
        db = library.SQLAlchemy(metadata=sa.MetaData(naming_convention=dict(convention)))
        models(db)
        text = [
            str(sa.schema.CreateTable(table))
            for data in db.metadatas.values()
            for table in data.sorted_tables
        ]
        found.append((text, db.event is sa.event, db.func is sa.func, db.joinedload.__name__))
    assert found[0] == found[1] and "CONSTRAINT pk_book" in str(found[0])


def test_files_are_in_the_instance_folder(tmp_path):
    app = port(SQLALCHEMY_DATABASE_URI="sqlite:///a.db")
    app.state.instance_path = str(tmp_path / "x")
    db = database.SQLAlchemy(app)
    models(db)
    with pytest.raises(RuntimeError):
        db.session.execute(db.text("select 1"))
    with context.app_context(app):
        db.create_all(None)
        with pytest.raises(sa.exc.UnboundExecutionError):
            db.create_all()
    assert (tmp_path / "x" / "a.db").exists()
    with pytest.raises(RuntimeError):
        database.SQLAlchemy(app)
    with pytest.raises(RuntimeError):
        database.SQLAlchemy(port())


@pytest.mark.parametrize("name", ["_Hidden", "HTTPRequest", "userID2Key", "A", "ABTest", "Item1A"])
def test_names_of_tables(name):
    theirs = flask_sqlalchemy.model.camel_to_snake_case
    assert models_of_port.camel_to_snake_case(name) == theirs(name)
