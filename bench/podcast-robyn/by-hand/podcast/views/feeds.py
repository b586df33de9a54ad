"""What other programs read: the feed and the site map."""

from html import escape

from robyn import Response

from .. import store
from ..web import Site, headers

site = Site()
RSS = headers("application/rss+xml; charset=utf-8")
XML = headers("application/xml")


def origin(visit):
    """Where the site is, as the client calls it. Robyn's url.host would trust X-Forwarded-Host."""
    host = visit.request.headers.get("host") or ""
    return f"http://{host.lower().removesuffix(':80')}"


@site.get("/feed.xml")
async def rss(visit):
    items, here = [], origin(visit)
    for episode in store.page(1, 50):
        link = f"{here}/episodes/{episode.number}"
        items.append(
            f"<item><title>{escape(episode.title)}</title><link>{link}</link>"
            f"<guid>{link}</guid><pubDate>{episode.published:%a, %d %b %Y} 06:00:00 GMT</pubDate>"
            f"<description>{escape(episode.summary)}</description></item>"
        )
    feed = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        "<title>Slow Code</title><link>https://example.org/</link>"
        "<description>Conversations about software</description>"
        f"{''.join(items)}</channel></rss>\n"
    )
    return Response(200, RSS, feed)


@site.get("/sitemap.xml")
async def sitemap(visit):
    here = origin(visit)
    urls = [f"{here}/", f"{here}/episodes/"]
    urls += [f"{here}/episodes/{e.number}" for e in store.everything()]
    body = "".join(f"<url><loc>{escape(u)}</loc></url>" for u in urls)
    return Response(200, XML, f"<urlset>{body}</urlset>")
