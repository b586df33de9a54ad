"""flask_parity.migrations in a folder that Flask-Migrate has made; flask_parity.passwords."""

import flask_bcrypt
import flask_migrate
import flask_sqlalchemy
import pytest
import sqlalchemy as sa
from sides import original, port

from flask_parity import cli, context, database, migrations, passwords


def test_a_revision_and_back(tmp_path):
    folder, uri = str(tmp_path / "migrations"), f"sqlite:///{tmp_path}/a.db"
    theirs = original(SQLALCHEMY_DATABASE_URI=uri)
    db = flask_sqlalchemy.SQLAlchemy(theirs)
    flask_migrate.Migrate(theirs, db, directory=folder)
    with theirs.app_context():
        flask_migrate.init()
    env = tmp_path / "migrations" / "env.py"
    text = env.read_text().replace("from flask import", "from flask_parity.context import")
    env.write_text(text.replace("current_app.extensions", "current_app.state.extensions"))

    app = port(SQLALCHEMY_DATABASE_URI=uri)
    own = database.SQLAlchemy(app)
    type("Item", (own.Model,), {"id": own.Column(own.Integer, primary_key=True)})
    migrations.Migrate(app, own, directory=folder)

    def run(*arguments):
        with context.app_context(app):
            cli.commands(app).main(["db", *arguments], standalone_mode=False)
            return sa.inspect(own.engine).has_table("item")

    assert not run("migrate", "-m", "first")
    assert run("upgrade") and run("current") and not run("downgrade")
    assert run("upgrade", "head") and not run("downgrade", "base")


@pytest.mark.parametrize("long", [False, True])
def test_hashes_are_checked_both_ways(long):
    settings = {"BCRYPT_LOG_ROUNDS": 4, "BCRYPT_HANDLE_LONG_PASSWORDS": long}
    sides = flask_bcrypt.Bcrypt(original(**settings)), passwords.Bcrypt(port(**settings))
    for one, other in (sides, sides[::-1]):
        known = one.generate_password_hash("pässword")
        assert known.startswith(b"$2b$04$") and other.check_password_hash(known, "pässword")
        assert not other.check_password_hash(known.decode(), "x")
    with pytest.raises(ValueError):
        passwords.generate_password_hash("")
