"""Episodes: all of them in pages, one, by tag, by words."""

import markdown

from .. import store
from ..web import Site, gone, number, page, word

PER_PAGE = 20

site = Site()
index_page, show_page = page("episodes/index.pt"), page("episodes/show.pt")
tag_page, search_page = page("episodes/tag.pt"), page("episodes/search.pt")


@site.get("/episodes/")
async def index(visit):
    try:
        number = max(int(visit.argument("page", 1)), 1)
    except ValueError:
        number = 1
    pages = -(-store.count() // PER_PAGE)
    return index_page(episodes=store.page(number, PER_PAGE), number=number, pages=pages)


@site.get("/episodes/:number", number=number)
async def show(visit, number):
    episode = store.episode(number)
    if episode is None or not episode.visible:
        return gone
    notes = markdown.markdown(episode.notes, extensions=["smarty"])
    return show_page(episode=episode, notes=notes)


@site.get("/episodes/tag/:name", name=word)
async def tag(visit, name):
    found = store.tagged(name)
    if not found:
        return gone
    return tag_page(name=name, episodes=found)


@site.get("/episodes/search")
async def search(visit):
    words = visit.query.strip()
    return search_page(words=words, episodes=store.search(words))
