"""Where the podcaster corrects titles and hides episodes."""

import os
from functools import wraps
from urllib.parse import quote

from .. import session, store
from ..web import NotFound, Site, number, page, redirect

site = Site()
login_page = page("admin/login.pt")
index_page, episode_page = page("admin/index.pt"), page("admin/episode.pt")
saved = redirect("/admin/")
logged_out = redirect("/", set_cookie=session.END, vary="Cookie")


def login_required(view):
    @wraps(view)
    async def wrapped(visit, *parameters):
        if visit.user is None:
            # Robyn has cut off the slash of the front page.
            path = "/".join(["/admin", *(f"episodes/{n}" for n in parameters)])
            return redirect(f"/admin/login?next={quote(path if parameters else '/admin/')}")
        return await view(visit, *parameters)

    return wrapped


@site.get("/admin/login")
async def login(visit):
    return login_page(error=None)


@site.post("/admin/login")
async def log_in(visit):
    fields = visit.form()
    if fields["password"] != os.environ.get("PODCAST_PASSWORD", "slow"):
        return login_page(error="That is not the password.")
    cookie = session.start(fields.get("name") or "podcaster")
    return redirect(visit.argument("next") or "/admin/", set_cookie=cookie, vary="Cookie")


@site.post("/admin/logout")
async def logout(visit):
    return logged_out


@site.get("/admin/")
@login_required
async def index(visit):
    return index_page(episodes=store.everything(), user=visit.user)


@site.get("/admin/episodes/:number", number=number)
@login_required
async def episode(visit, number):
    found = store.episode(number)
    if found is None:
        raise NotFound
    return episode_page(episode=found, user=visit.user)


@site.post("/admin/episodes/:number", number=number)
@login_required
async def change(visit, number):
    if store.episode(number) is None:
        raise NotFound
    fields = visit.form()
    store.change(number, fields["title"], fields.get("visible") == "on")
    return saved
