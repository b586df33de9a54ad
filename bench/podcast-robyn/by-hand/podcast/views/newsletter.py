"""The newsletter's form."""

from .. import store
from ..web import Site, page, redirect

site = Site()
form_page, thanks_page = page("newsletter/form.pt"), page("newsletter/thanks.pt")
subscribed = redirect("/newsletter/thanks")


@site.on("/newsletter/", "GET")
async def form(visit):
    return form_page(email="", error=None)


@site.on("/newsletter/", "POST", "HEAD")
async def subscribe(visit):
    """A HEAD counts as a form without fields, as it always did here."""
    email = visit.form().get("email", "").strip().lower()
    if "@" not in email:
        return form_page(email=email, error="That is not an address.")
    if not store.subscribe(email):
        return form_page(email=email, error="You are on the list already.")
    return subscribed


@site.get("/newsletter/thanks", const=True)
async def thanks(visit):
    return thanks_page()
