"""A podcast's web site: episodes, tags, search, a feed, a newsletter, and a small admin."""

import asyncio
import os
from pathlib import Path

from robyn import Robyn
from robyn.argument_parser import Config

from . import store

FOLDER = Path(__file__).parent


def configured():
    """One process with one worker. It is set here, as Robyn reads what it finds in sys.argv."""
    config = Config()
    config.processes = config.workers = 1
    config.log_level = "WARN"
    # /docs and /openapi.json are not of this site.
    config.disable_openapi = True
    return config


app = Robyn(str(FOLDER / "__init__.py"), config=configured())

store.prepare(FOLDER.parent / "data" / "podcast.sqlite")


async def started():
    """Robyn makes two tasks for a request. Eager ones (Python 3.12) do not go through the loop."""
    if hasattr(asyncio, "eager_task_factory"):
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)


def register_views():
    """Every part of the site has its own routes."""
    from . import files
    from .views import admin, episodes, feeds, home, newsletter
    from .web import install

    install(app, [home.site, episodes.site, feeds.site, newsletter.site, admin.site, files.site])


app.startup_handler(started)
register_views()
