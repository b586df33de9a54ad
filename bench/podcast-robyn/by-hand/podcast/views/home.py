"""The front page, and addresses of the old site."""

import json

from robyn import Response

from .. import store
from ..web import Site, headers, number, page, redirect

site = Site()
index_page, about_page = page("home/index.pt"), page("home/about.pt")
JSON = headers("application/json")


@site.get("/")
async def index(visit):
    return index_page(episodes=store.page(1, 5), tags=store.tags(), total=store.count())


@site.get("/about", const=True)
async def about(visit):
    return about_page()


@site.get("/show/:number", number=number)
async def old_episode(visit, number):
    """The old site called episodes shows."""
    return redirect(f"/episodes/{number}", 301)


@site.get("/health")
async def health(visit):
    body = json.dumps({"episodes": store.count(), "status": "ok"}, separators=(",", ":"))
    return Response(200, JSON, f"{body}\n")
