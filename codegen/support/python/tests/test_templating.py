"""Names of a template's values: any that Flask's functions leave to them."""

import flask
import pytest
from sides import original, port

from flask_parity import templating
from flask_parity.context import app_context

NAMES = ["name", "context", "source_", "template", "app", "function"]


@pytest.mark.parametrize("name", NAMES)
def test_a_value_may_have_any_name(name, tmp_path):
    (tmp_path / "page.txt").write_text("{{ " + name + " }}")
    theirs, ours = original(), port()
    ours.state.templates.loader.searchpath.append(str(tmp_path))
    values = {name: "x"}
    with theirs.app_context():
        expected = flask.render_template_string("{{ " + name + " }}", **values)
    with app_context(ours):
        assert templating.render_template_string("{{ " + name + " }}", **values) == expected
        assert templating.render_template("page.txt", **values) == expected
        assert "".join(templating.stream_template("page.txt", **values)) == expected
        both = templating.render_template(template_name_or_list="page.txt", **values)
        assert both == expected
