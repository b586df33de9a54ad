"""Alembic's commands on the app's database: Flask-Migrate's folder, settings and ``db`` group."""

import argparse
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import click
from alembic import command
from alembic.config import Config

from .cli import commands
from .context import current


class Migrate:
    """Makes the app's migrations known at ``app.state.extensions["migrate"]``."""

    def __init__(
        self,
        app: Any = None,
        db: Any = None,
        directory: Any = "migrations",
        command: str = "db",
        compare_type: bool = True,
        render_as_batch: bool = True,
        **kwargs: Any,
    ) -> None:
        self.db, self.directory, self.command = db, str(directory), command
        self.configure_callbacks: list[Callable[[Config], Config]] = []
        self.alembic_ctx_kwargs = {
            **kwargs,
            "compare_type": compare_type,
            "render_as_batch": render_as_batch,
        }
        if app is not None and db is not None:
            self.init_app(app, db, directory)

    def init_app(
        self,
        app: Any,
        db: Any = None,
        directory: Any = None,
        command: str | None = None,
        compare_type: bool | None = None,
        render_as_batch: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """What ``migrations/env.py`` reads, and the commands."""
        self.db, self.command = db or self.db, command or self.command
        self.directory = str(directory or self.directory)
        given = {"compare_type": compare_type, "render_as_batch": render_as_batch}
        self.alembic_ctx_kwargs.update(kwargs)
        self.alembic_ctx_kwargs.update({k: v for k, v in given.items() if v is not None})
        app.state.extensions["migrate"] = SimpleNamespace(
            migrate=self,
            db=self.db,
            directory=self.directory,
            configure_args=self.alembic_ctx_kwargs,
            metadata=self.db.metadata,
        )
        commands(app).add_command(group, name=self.command)

    def configure(self, function: Callable[[Config], Config]) -> Callable[[Config], Config]:
        """Has ``function`` change Alembic's configuration."""
        self.configure_callbacks.append(function)
        return function

    def get_config(self, directory: Any = None, opts: Any = ()) -> Config:
        folder = str(directory or self.directory)
        config = Config(os.path.join(folder, "alembic.ini"))
        config.set_main_option("script_location", folder)
        config.cmd_opts = argparse.Namespace(x=[], **dict.fromkeys(opts or (), True))
        for function in self.configure_callbacks:
            config = function(config)
        return config


def _config(directory: Any, opts: Any = ()) -> Config:
    return current().app.state.extensions["migrate"].migrate.get_config(directory, opts)


def upgrade(directory: Any = None, revision: str = "head", sql: bool = False) -> None:
    """Brings the database to a revision."""
    command.upgrade(_config(directory), revision, sql=sql)


def downgrade(directory: Any = None, revision: str = "-1", sql: bool = False) -> None:
    """Takes the database back to a revision."""
    command.downgrade(_config(directory), revision, sql=sql)


def stamp(directory: Any = None, revision: str = "head", sql: bool = False) -> None:
    """Marks the database as being at a revision."""
    command.stamp(_config(directory), revision, sql=sql)


def migrate(directory: Any = None, message: str | None = None) -> None:
    """Writes the revision that brings the database to the models."""
    command.revision(_config(directory, ["autogenerate"]), message, autogenerate=True)


def revision(directory: Any = None, message: str | None = None) -> None:
    """Writes an empty revision."""
    command.revision(_config(directory), message)


def history(directory: Any = None, verbose: bool = False) -> None:
    command.history(_config(directory), verbose=verbose)


def heads(directory: Any = None, verbose: bool = False) -> None:
    command.heads(_config(directory), verbose=verbose)


def current_revision(directory: Any = None, verbose: bool = False) -> None:
    """Shows where the database is (Flask-Migrate's ``current``)."""
    command.current(_config(directory), verbose=verbose)


#: The ``db`` commands.
group = click.Group("db", help="Perform database migrations.")


def _command(name: str, function: Callable[..., Any], *parameters: click.Parameter) -> None:
    directory = click.Option(["-d", "--directory"], default=None)
    group.add_command(click.Command(name, params=[directory, *parameters], callback=function))


def _message() -> click.Option:
    return click.Option(["-m", "--message"], default=None)


def _sql() -> click.Option:
    return click.Option(["--sql"], is_flag=True)


def _verbose() -> click.Option:
    return click.Option(["-v", "--verbose"], is_flag=True)


_command("upgrade", upgrade, _sql(), click.Argument(["revision"], default="head"))
_command("downgrade", downgrade, _sql(), click.Argument(["revision"], default="-1"))
_command("stamp", stamp, _sql(), click.Argument(["revision"], default="head"))
_command("migrate", migrate, _message())
_command("revision", revision, _message())
_command("history", history, _verbose())
_command("heads", heads, _verbose())
_command("current", current_revision, _verbose())
