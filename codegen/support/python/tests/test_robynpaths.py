"""Paths in Robyn's spelling, and what its router can be trusted with."""

import random
import re

import pytest

pytest.importorskip("robyn")

from flask_parity.converters import converter  # noqa: E402
from flask_parity.robynpaths import canonical, native, overlap, path, segments  # noqa: E402
from flask_parity.robynslashes import _none_of  # noqa: E402


@pytest.mark.parametrize(
    ("robyn", "inside"),
    [
        ("/", "/"),
        ("/posts/:id(int)", "/posts/{id:int}"),
        ("/files/*name", "/files/{name:path}"),
        ("/:a(string)th", "/{a}th"),
        ("/:a.:b", "/{a}.{b}"),
        ("/a::b**", "/a:b*"),
        ("/:page(int(min=1))", "/{page:intmin_3d_1}"),
    ],
)
def test_what_a_path_means(robyn, inside):
    assert canonical(robyn) == inside


@pytest.mark.parametrize(
    ("rule", "robyn"),
    [
        ("/x/<name>", "/x/:name(string)"),
        ("/<int:id>/<path:rest>", "/:id(int)/:rest(path)"),
        ("/<any(a,b):x>", "/:x(any(a,b))"),
        ("/a:b*", "/a::b**"),
    ],
)
def test_rules_that_are_known_only_when_the_app_runs(rule, robyn):
    assert path(rule) == robyn


@pytest.mark.parametrize(
    ("inside", "robyn"),
    [
        ("/", "/"),
        ("/posts/{id:int}", "/posts/:p1"),
        ("/posts/", "/posts"),
        ("/files/{name:path}", "/files/*p1"),
        ("/{a}.{b}", None),
        ("/{p:path}/edit", None),
        ("/é", None),
    ],
)
def test_what_robyn_finds_by_itself(inside, robyn):
    assert native(inside) == robyn


@pytest.mark.parametrize(
    ("first", "second", "may"),
    [
        ("/a/{x}", "/a/b", True),
        ("/a/{x:int}", "/a/b", False),
        ("/a/{x:int}", "/a/7", True),
        ("/a", "/a/b", False),
        ("/{p:path}", "/a/b/c", True),
        ("/a/{x}", "/b/{y}", False),
    ],
)
def test_paths_that_a_url_may_fit_both_of(first, second, may):
    assert overlap(segments(first), segments(second)) is may
    assert overlap(segments(second), segments(first)) is may


def test_a_converter_of_the_apps_own_may_take_slashes():
    converter("deep", "path")
    assert native("/x/{y:deep}") == "/x/*p1"


def test_a_segment_that_is_none_of_some_words():
    chance = random.Random(1)
    for _ in range(500):
        words = {
            "".join(chance.choice("ab.") for _ in range(chance.randint(1, 4))) for _ in range(3)
        }
        pattern = re.compile(_none_of(sorted(words)))
        for _ in range(30):
            text = "".join(chance.choice("ab.c") for _ in range(chance.randint(0, 5)))
            assert bool(pattern.fullmatch(text)) == (text != "" and text not in words), words
