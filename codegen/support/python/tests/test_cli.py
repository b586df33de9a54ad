"""Commands and groups, compared with Flask's; the app's log."""

import io
import logging
import os
import subprocess
import sys
import types

import click
import flask
import flask.cli
import flask.logging
import pytest
from click.testing import CliRunner
from fastapi import APIRouter, FastAPI

from flask_parity import cli, config, context, logs
from flask_parity.fastapi import prepare, rule
from flask_parity.hooks import teardown_appcontext

THEIRS = types.SimpleNamespace(
    AppGroup=flask.cli.AppGroup,
    Group=flask.cli.FlaskGroup,
    ScriptInfo=flask.cli.ScriptInfo,
    with_appcontext=flask.cli.with_appcontext,
    pass_script_info=flask.cli.pass_script_info,
    has_app_context=flask.has_app_context,
    name=lambda: flask.current_app.name,
    debug=lambda: flask.current_app.config["DEBUG"],
    commands=lambda app: app.cli,
)
OURS = types.SimpleNamespace(
    AppGroup=cli.AppGroup,
    Group=cli.ServerGroup,
    ScriptInfo=cli.ScriptInfo,
    with_appcontext=cli.with_appcontext,
    pass_script_info=cli.pass_script_info,
    has_app_context=context.has_app_context,
    name=lambda: context.current_app.state.name,
    debug=lambda: context.current_app.state.config["DEBUG"],
    commands=cli.commands,
)


def make_app(x, name="there"):
    """An app with a command; its teardown functions tell of themselves."""
    if x is THEIRS:
        app = flask.Flask(name)
        app.add_url_rule("/users/<int:n>", "user", lambda n: "", methods=["GET", "POST"])
        app.teardown_appcontext(lambda error: click.echo("down"))
    else:
        app = FastAPI(openapi_url=None)
        prepare(app, name)
        rule(app, "/users/{n:int}", methods=["GET", "POST"], name="user")(lambda n: "")
        teardown_appcontext(app)(lambda error: click.echo("down"))

    @x.commands(app).command("own")
    @click.argument("word", default="w")
    def own(word):
        """Says where it runs."""
        click.echo(f"own {word} {x.name()}")

    @x.commands(app).command("bare", with_appcontext=False)
    def bare():
        click.echo(x.has_app_context())

    group = x.AppGroup("data", help="Data.")

    @group.command("load")
    def load():
        click.echo(x.name())

    @group.group("deep")
    def deep():
        click.echo("deep")

    @deep.command("er")
    def deeper():
        click.echo(f"deeper {x.name()}")

    x.commands(app).add_command(group)
    return app


def make_group(x):
    def create_app():
        click.echo("created")
        return make_app(x)

    @click.group(cls=x.Group, create_app=create_app)
    def script():
        """A script."""

    @script.command("mine")
    @click.option("--n", default=1)
    def mine(n):
        click.echo(f"mine {n} {x.name()} {x.debug()}")

    @script.command("none", with_appcontext=False)
    @x.pass_script_info
    def none(info):
        click.echo(f"{x.has_app_context()} {type(info).__name__} {info.data}")

    @script.command("failing")
    def failing():
        raise click.ClickException("no")

    return script


@pytest.fixture(autouse=True)
def environ(monkeypatch, tmp_path):
    for name in ("FLASK_APP", "FLASK_DEBUG", "FLASK_RUN_FROM_CLI"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield
    for name in ("FLASK_DEBUG", "FLASK_RUN_FROM_CLI"):
        os.environ.pop(name, None)


def outcome(command, args, **options):
    found = CliRunner().invoke(command, args, prog_name="x", **options)
    os.environ.pop("FLASK_DEBUG", None)
    return found.exit_code, found.output, repr(found.exception)


@pytest.mark.parametrize(
    "args",
    [
        ["mine"],
        ["mine", "--n", "2"],
        ["--debug", "mine"],
        ["--no-debug", "mine"],
        ["none"],
        ["failing"],
        ["own", "a"],
        ["bare"],
        ["data", "load"],
        ["data", "deep", "er"],
        ["data", "nope"],
        ["nope"],
        ["own", "--help"],
        ["routes"],
        ["routes", "--sort", "rule", "--all-methods"],
        ["routes", "-s", "methods"],
    ],
)
def test_a_script(args):
    expected = outcome(make_group(THEIRS), args)
    assert outcome(make_group(OURS), args) == expected


def test_help_names_all_commands():
    found = outcome(make_group(OURS), ["--help"])[1]
    commands = found.partition("Commands:")[2].split()
    for name in ("bare", "data", "failing", "mine", "none", "own", "routes", "run", "shell"):
        assert name in commands
    bare = make_group(OURS).__class__(add_default_commands=False, create_app=lambda: make_app(OURS))
    assert "shell" not in outcome(bare, ["--help"])[1].partition("Commands:")[2]


@pytest.mark.parametrize("args", [["own"], ["bare"], ["data", "load"], ["data", "deep", "er"]])
def test_the_group_of_an_app(args):
    theirs, ours = make_app(THEIRS), make_app(OURS)
    info = flask.cli.ScriptInfo(create_app=lambda: theirs)
    expected = outcome(theirs.cli, args, obj=info)
    assert outcome(cli.commands(ours), args) == expected
    assert (
        outcome(cli.commands(ours), args, obj=cli.ScriptInfo(create_app=lambda: ours)) == expected
    )
    ours.state.config["DEBUG"] = True
    outcome(cli.commands(ours), args)
    assert ours.state.config["DEBUG"] is True
    with context.app_context(ours):  # whoever has a context keeps it
        assert "down" not in outcome(cli.commands(ours), args)[1]


@pytest.mark.parametrize("x", [THEIRS, OURS])
def test_one_command(x):
    @click.command()
    @x.with_appcontext
    @click.pass_context
    def command(ctx):
        click.echo(f"{x.name()} {ctx.find_object(x.ScriptInfo) is not None}")

    info = x.ScriptInfo(create_app=lambda: make_app(x))
    assert outcome(command, [], obj=info)[1] == "there True\ndown\n"
    assert "Could not locate" in outcome(command, [])[1]


def test_commands_of_routers():
    for expected, options in (
        ("bp", {}),
        ("other", {"cli_group": "other"}),
        (None, {"cli_group": None}),
    ):
        app, router = make_app(OURS), APIRouter()
        cli.adopt_commands(app, router, "bp", **options)

        @cli.commands(router).command("sub")
        def sub():
            click.echo(f"sub {OURS.name()}")

        cli.adopt_commands(app, router, "bp", **options)
        args = ["sub"] if expected is None else [expected, "sub"]
        assert outcome(cli.commands(app), args)[1] == "sub there\ndown\n"


MODULE = """
from fastapi import FastAPI
import click
from flask_parity.cli import ScriptInfo, commands, pass_script_info
from flask_parity.context import current_app
from flask_parity.fastapi import prepare

def create_app(name="made"):
    app = FastAPI(openapi_url=None)
    prepare(app, name)
    @commands(app).command("say")
    @pass_script_info
    def say(info):
        click.echo(f"{current_app.state.name} {info.load_app() is app}")
    return app

application = create_app("plain")
number = 1
"""


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("place:application", "plain"),
        ("place:create_app", "made"),
        ("place:create_app()", "made"),
        ("place:create_app('x')", "x"),
        ("place:create_app(name='y')", "y"),
        ("place", "plain"),
        ("place.py", "plain"),
        ("package/inner.py:create_app", "made"),
        ("package.inner:create_app", "made"),
    ],
)
def test_the_module_as_a_command(tmp_path, target, said):
    (tmp_path / "place.py").write_text(MODULE)
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").write_text("")
    (tmp_path / "package/inner.py").write_text(MODULE)
    environ = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(cli.__file__))}
    for args in ([target, "say"], ["-A", target, "say"]):
        command = [sys.executable, "-m", "flask_parity.cli", *args]
        found = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
        assert found.stdout == f"{said} True\n", found.stderr


@pytest.mark.parametrize(
    "target",
    ["absent", "place2:absent", "place2:number.x", "place2:create_app(x)", "place2:(", "place2:[]"],
)
def test_no_app(tmp_path, monkeypatch, target):
    (tmp_path / "place2.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(cli.NoAppException):
        cli.load(target)


def test_the_usual_places(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "wsgi.py").write_text(MODULE)
    assert cli.ScriptInfo().load_app().state.name == "plain"
    monkeypatch.setenv("FLASK_APP", "wsgi:create_app('env')")
    assert cli.ScriptInfo().load_app().state.name == "env"
    sys.modules.pop("wsgi", None)


def test_run_starts_uvicorn(monkeypatch):
    calls = []
    server = types.ModuleType("uvicorn")
    server.run = lambda app, **options: calls.append((app, options))
    monkeypatch.setitem(sys.modules, "uvicorn", server)
    script = make_group(OURS)
    assert outcome(script, ["run", "--host", "0.0.0.0", "-p", "81"])[0] == 0
    monkeypatch.setenv("FLASK_RUN_PORT", "82")
    assert outcome(script, ["run"])[0] == 0
    (app, first), (_, second) = calls
    assert app.state.name == "there" and (first["host"], first["port"]) == ("0.0.0.0", 81)
    assert (second["host"], second["port"]) == ("127.0.0.1", 82)


def test_the_shell(monkeypatch):
    seen = {}
    monkeypatch.setattr("code.interact", lambda banner, local: seen.update(local, banner=banner))
    monkeypatch.delattr(sys, "__interactivehook__", raising=False)
    app = make_app(OURS)
    cli.shell_context_processor(app)(lambda: {"answer": 42})
    group = cli.ServerGroup(create_app=lambda: app)
    assert outcome(group, ["shell"])[0] == 0
    assert seen["app"] is app and seen["answer"] == 42 and "App: there" in seen["banner"]


def test_dotenv(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("A_B_C=1\n")
    monkeypatch.setitem(sys.modules, "dotenv", None)
    assert cli.load_dotenv() is False
    theirs, ours = (outcome(make_group(x), ["mine"]) for x in (THEIRS, OURS))
    assert "Tip" in ours[1] and theirs == ours
    values = {"A_B_C": "2", "HOME": "/x", "D_E_F": None}
    found = types.SimpleNamespace(
        find_dotenv=lambda name, usecwd: str(tmp_path / name) if name == ".env" else "",
        dotenv_values=lambda path, encoding: values,
    )
    monkeypatch.setitem(sys.modules, "dotenv", found)
    monkeypatch.setenv("A_B_C", "")
    monkeypatch.delenv("A_B_C")
    home = os.environ["HOME"]
    assert cli.load_dotenv(load_defaults=False) is False
    assert cli.load_dotenv() is True
    assert (os.environ["A_B_C"], os.environ["HOME"]) == ("2", home)


# ---- configuration and log


@pytest.mark.parametrize("value", [None, "", "0", "1", "No", "false", "yes"])
def test_debug_of_the_environment(monkeypatch, value):
    if value is not None:
        monkeypatch.setenv("FLASK_DEBUG", value)
    assert config.Config("/")["DEBUG"] is flask.Flask(__name__).config["DEBUG"]


@pytest.mark.parametrize("how", ["from_pyfile", "from_envvar"])
def test_configuration_that_is_not_there(how):
    texts = []
    for found in (flask.Config("/", {"A": 1}), config.Config("/", {"A": 1})):
        with pytest.raises((OSError, RuntimeError)) as error:
            getattr(found, how)("absent.py")
        texts.append((str(error.value), repr(found)))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("level", [logging.NOTSET, logging.ERROR])
@pytest.mark.parametrize("handled", [None, logging.INFO, logging.CRITICAL])
def test_the_log(capsys, monkeypatch, debug, level, handled):
    found = []
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    for name, make, default in (
        ("theirs", flask.logging.create_logger, flask.logging.default_handler),
        ("ours", logs.create_logger, logs.default_handler),
    ):
        logger = logging.getLogger(f"{name}_{debug}_{level}_{handled}")
        logger.setLevel(level)
        stream = io.StringIO()
        if handled is not None:
            handler = logging.StreamHandler(stream)
            handler.setLevel(handled)
            root.addHandler(handler)
        state = types.SimpleNamespace(name=logger.name, config={"DEBUG": debug})
        app = types.SimpleNamespace(name=logger.name, debug=debug, state=state)
        assert make(app) is logger
        make(app)
        for number in (logging.DEBUG, logging.WARNING, logging.CRITICAL):
            logger.log(number, "text %s", number)
        written = [line[26:] for line in capsys.readouterr().err.splitlines()]
        found.append((logger.level, logger.handlers == [default], written, stream.getvalue()))
        logger.removeHandler(default)
        assert logger.handlers == []
        root.handlers.clear()
    assert found[0] == found[1]


def test_the_stream_for_handlers(capsys):
    handler = logging.StreamHandler(logs.error_stream)
    handler.emit(logging.LogRecord("x", 20, "f", 1, "said", (), None))
    assert capsys.readouterr().err == "said\n"
