"""Schemas, as Flask-Marshmallow has them."""

import types

import flask
import flask_marshmallow
import flask_sqlalchemy
import pytest
from sides import Pair, original, port, same_time_and_chance  # noqa: F401

from flask_parity import context, database, schemas
from flask_parity.fastapi import rule

THEIRS = types.SimpleNamespace(
    request=flask.request,
    Marshmallow=flask_marshmallow.Marshmallow,
    SQLAlchemy=flask_sqlalchemy.SQLAlchemy,
    Schema=flask_marshmallow.Schema,
    fields=flask_marshmallow.fields,
)
OURS = types.SimpleNamespace(
    request=context.request,
    Marshmallow=schemas.Marshmallow,
    SQLAlchemy=database.SQLAlchemy,
    Schema=schemas.Schema,
    fields=schemas.fields,
)


def shop(app, api, add):
    db = api.SQLAlchemy(app)
    ma = api.Marshmallow(app)

    class Author(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String)
        books = db.relationship("Book", back_populates="author")

    class Book(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        title = db.Column(db.String)
        author_id = db.Column(db.ForeignKey("author.id"))
        author = db.relationship("Author", back_populates="books")

    class AuthorSchema(ma.SQLAlchemyAutoSchema):
        class Meta:
            model = Author
            load_instance = True

        url = ma.URLFor("author", values={"id": "<id>"})
        absolute = ma.AbsoluteURLFor("author", values={"id": "<id>"})

    class BookSchema(ma.SQLAlchemySchema):
        class Meta:
            model = Book

        title = ma.auto_field()
        author = ma.HyperlinkRelated("author")

    class Plain(ma.Schema):
        name = ma.String(required=True)
        age = ma.Integer()
        links = ma.Hyperlinks(
            {"self": {"href": ma.URLFor("author", values={"id": "<inner.id>"}), "title": "x"}}
        )
        site = ma.Config("SITE")

    class Upload(api.Schema):
        file = api.fields.File(required=True)

    def author(id):
        return AuthorSchema().jsonify(db.session.get(Author, id))

    def authors():
        return AuthorSchema(many=True).jsonify(Author.query.all())

    def add_author():
        found = AuthorSchema().load(api.request.get_json())
        db.session.add(found)
        db.session.commit()
        return AuthorSchema().jsonify(found), 201

    def books():
        return BookSchema().jsonify(Book.query.all(), many=True)

    def add_book():
        found = BookSchema().load(api.request.get_json())
        return {"title": found["title"], "author": found["author"].name}

    def plain():
        values = api.request.args.to_dict()
        inner = {"id": values.pop("inner")} if "inner" in values else None
        return Plain().jsonify({**values, "inner": inner}, indent=api.request.args.get("x"))

    def check():
        return {"errors": Plain().validate(api.request.get_json())}

    def upload():
        return {"errors": Upload().validate({**api.request.files, **api.request.form})}

    for path, view, methods in [
        ("/authors/<int:id>", author, ["GET"]),
        ("/authors", authors, ["GET"]),
        ("/authors", add_author, ["POST"]),
        ("/books", books, ["GET"]),
        ("/books", add_book, ["POST"]),
        ("/plain", plain, ["GET"]),
        ("/plain", check, ["POST"]),
        ("/upload", upload, ["POST"]),
    ]:
        add(path, view, methods)
    return db, Author, Book


def fill(context_of, made):
    db, Author, Book = made
    with context_of:
        db.create_all()
        ann = Author(name="Ann")
        db.session.add_all([ann, Author(name="Bob"), Book(title="First", author=ann)])
        db.session.add(Book(title="Nobody's"))
        db.session.commit()


@pytest.fixture
def pair():
    settings = {"SQLALCHEMY_DATABASE_URI": "sqlite://", "SITE": "shop"}
    theirs, ours = original(**settings), port(**settings)

    def add(path, view, methods):
        theirs.add_url_rule(path, view.__name__, view, methods=methods)

    def add_ours(path, view, methods):
        rule(ours, path.replace("<int:id>", "{id:int}"), methods=methods)(view)

    fill(theirs.app_context(), shop(theirs, THEIRS, add))
    fill(context.app_context(ours), shop(ours, OURS, add_ours))
    return Pair(theirs, ours)


JSON = {"Content-Type": "application/json"}


def test_models(pair):
    for path in ("/authors", "/authors/1", "/books"):
        assert pair.get(path)[0] == 200
    assert pair.ask("POST", "/authors", headers=JSON, body=b'{"name": "Cid"}')[0] == 201
    for body in (b'{"name": 5}', b'{"x": 1}', b"[]"):
        pair.ask("POST", "/authors", headers=JSON, body=body)
    for body in (
        b'{"title": "t", "author": "/authors/1"}',
        b'{"title": "t", "author": "/authors"}',
        b'{"title": "t", "author": "/authors/9"}',
    ):
        pair.ask("POST", "/books", headers=JSON, body=body)


def test_fields(pair):
    for query in ("name=a&inner=3", "name=a", "age=5", "name=a&age=x&inner=1"):
        pair.get(f"/plain?{query}")
    for body in (b'{"name": "x"}', b'{"age": "y"}', b'{"name": null, "other": 1}'):
        pair.ask("POST", "/plain", headers=JSON, body=body)


def test_files(pair):
    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    for part in ('name="file"; filename="a.txt"', 'name="file"', 'name="x"; filename="a"'):
        body = f"--B\r\nContent-Disposition: form-data; {part}\r\n\r\nx\r\n--B--\r\n".encode()
        pair.ask("POST", "/upload", headers=kind, body=body)
