"""The app's own commands: ``python -m flask_parity.cli package:create_app COMMAND ...``."""

import importlib
import sys
from typing import Any

import click

from .context import app_context


def commands(app: Any) -> click.Group:
    """The group that holds the app's commands."""
    group = getattr(app.state, "cli", None)
    if group is None:
        group = app.state.cli = click.Group("app", help="The app's own commands.")
    return group


def load(target: str) -> Any:
    """The app of ``module:attribute``; a function is called."""
    module, _, attribute = target.partition(":")
    found = getattr(importlib.import_module(module), attribute.removesuffix("()") or "app")
    return found if hasattr(found, "state") else found()


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit("usage: python -m flask_parity.cli MODULE:APP [COMMAND] ...")
    sys.path.insert(0, "")
    app = load(sys.argv.pop(1))
    with app_context(app):
        commands(app)()


if __name__ == "__main__":
    main()
