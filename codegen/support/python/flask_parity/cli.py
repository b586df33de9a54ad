"""The app's own commands: ``python -m flask_parity.cli package:create_app COMMAND ...``.

Groups and decorators are those of flask.cli, on click as there. ``run`` starts uvicorn.
"""

import ast
import importlib
import importlib.util
import inspect
import os
import platform
import re
import sys
from collections.abc import Callable
from functools import update_wrapper
from importlib.metadata import version
from operator import itemgetter
from types import ModuleType
from typing import Any

import click

from .config import debug_flag
from .context import app_context, current_app, g, has_app_context
from .ground import Application

Function = Callable[..., Any]

# ---- finding the app


class NoAppException(click.UsageError):
    """There is no app where it was looked for."""


def _module(path: str) -> ModuleType:
    """A module by its dotted name or its file."""
    if path.endswith(".py") or os.sep in path:
        folder, name = os.path.split(os.path.realpath(path).removesuffix(".py"))
        if name == "__init__":
            folder, name = os.path.split(folder)
        while os.path.exists(os.path.join(folder, "__init__.py")):
            folder, package = os.path.split(folder)
            name = f"{package}.{name}"
        if sys.path[0] != folder:
            sys.path.insert(0, folder)
        path = name
    elif "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, "")
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name is not None and (path == error.name or path.startswith(f"{error.name}.")):
            raise NoAppException(f"Could not import {path!r}.") from None
        raise


def _best(module: ModuleType) -> Any:
    """The app of a module that names none (flask.cli.find_best_app)."""
    for name in ("app", "application"):
        if isinstance(found := getattr(module, name, None), Application):
            return found
    apps = [value for value in vars(module).values() if isinstance(value, Application)]
    if len(apps) == 1:
        return apps[0]
    hint = f"'{module.__name__}'. Use '{module.__name__}:name' to specify"
    if apps:
        raise NoAppException(f"Detected multiple applications in module {hint} the correct one.")
    for name in ("create_app", "make_app"):
        if inspect.isfunction(factory := getattr(module, name, None)):
            return factory()
    raise NoAppException(f"Failed to find an application or factory in module {hint} one.")


def _named(module: ModuleType, text: str) -> Any:
    """``name`` or ``name("argument", key=1)``; a function is called."""
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        expression = None  # type: ignore[assignment]
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    if isinstance(expression, ast.Call):
        try:
            args = [ast.literal_eval(argument) for argument in expression.args]
            kwargs = {k.arg: ast.literal_eval(k.value) for k in expression.keywords if k.arg}
        except ValueError:
            raise NoAppException(
                f"Failed to parse arguments as literal values: {text!r}."
            ) from None
        expression = expression.func
    if not isinstance(expression, ast.Name):
        raise NoAppException(f"Failed to parse {text!r} as an attribute name or function call.")
    try:
        found = getattr(module, expression.id)
    except AttributeError:
        raise NoAppException(
            f"Failed to find attribute {expression.id!r} in {module.__name__!r}."
        ) from None
    return found if isinstance(found, Application) else found(*args, **kwargs)


def load(target: str) -> Any:
    """The app of ``module:attribute``, ``module:factory(args)``, ``module`` or a file's path."""
    path, _, name = target.partition(":")
    module = _module(path)
    app = _named(module, name) if name else _best(module)
    if not isinstance(app, Application):
        raise NoAppException(f"A valid application was not obtained from '{target}'.")
    return app


class ScriptInfo:
    """Knows how to get the app, and has it once it is loaded; the ``obj`` of click's contexts."""

    def __init__(
        self,
        app_import_path: str | None = None,
        create_app: Function | None = None,
        set_debug_flag: bool = True,
        load_dotenv_defaults: bool = True,
    ) -> None:
        self.app_import_path, self.create_app = app_import_path, create_app
        self.data: dict[Any, Any] = {}
        self.set_debug_flag = set_debug_flag
        skip = os.environ.get("FLASK_SKIP_DOTENV")
        no = skip.lower() in ("0", "false", "no") if skip else None
        self.load_dotenv_defaults = load_dotenv_defaults if no is None else no
        self._app: Any = None

    def load_app(self) -> Any:
        """Of ``create_app``, of the path, of ``FLASK_APP``'s, of wsgi.py or app.py."""
        if self._app is None:
            if self.create_app is not None:
                app = self.create_app()
            else:
                app = load(self.app_import_path or self._usual())
            if self.set_debug_flag:
                app.state.config["DEBUG"] = debug_flag()
            self._app = app
        return self._app

    @staticmethod
    def _usual() -> str:
        if target := os.environ.get("FLASK_APP"):
            return target
        for path in ("wsgi.py", "app.py"):
            if os.path.isfile(path):
                return path
        raise NoAppException(
            "Could not locate an application. Use the '--app' option, 'FLASK_APP' environment"
            " variable, or a 'wsgi.py' or 'app.py' file in the current directory."
        )


pass_script_info = click.make_pass_decorator(ScriptInfo, ensure=True)

# ---- groups


def with_appcontext(function: Function) -> Function:
    """Runs a command in the app's context, until the context of the command ends."""

    @click.pass_context
    def run(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        if not has_app_context():
            ctx.with_resource(app_context(ctx.ensure_object(ScriptInfo).load_app()))
        return ctx.invoke(function, *args, **kwargs)

    return update_wrapper(run, function)


class AppGroup(click.Group):
    """A group whose commands run in the app's context, unless told ``with_appcontext=False``."""

    #: The app, of a group that belongs to one.
    app: Any = None

    def command(self, *args: Any, **kwargs: Any) -> Any:
        wrap = kwargs.pop("with_appcontext", True)

        def register(function: Function) -> click.Command:
            made = with_appcontext(function) if wrap else function
            return super(AppGroup, self).command(*args, **kwargs)(made)  # type: ignore[no-any-return]

        return register

    def group(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("cls", AppGroup)
        return super().group(*args, **kwargs)

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        if self.app is not None and parent is None and extra.get("obj") is None:
            extra["obj"] = ScriptInfo(create_app=lambda: self.app, set_debug_flag=False)
        return super().make_context(info_name, args, parent=parent, **extra)


def commands(owner: Any) -> AppGroup:
    """The group of an app's commands; that of a router waits on it for :func:`adopt_commands`."""
    state = getattr(owner, "state", None)
    place = owner if state is None else state
    group = getattr(place, "cli", None)
    if group is None:
        group = place.cli = AppGroup("app", help="The app's own commands.")
        group.app = None if state is None else owner
    return group  # type: ignore[no-any-return]


_UNSET: Any = object()


def adopt_commands(owner: Any, router: Any, name: str, cli_group: str | None = _UNSET) -> None:
    """Takes over a router's commands when it is included under ``name``, as a group of that name.

    With ``cli_group`` the group is called that; with None the commands come without a group.
    """
    group = router.__dict__.get("cli")
    if group is None or not group.commands:
        return
    if cli_group is None:
        commands(owner).commands.update(group.commands)
    else:
        group.name = name if cli_group is _UNSET else cli_group
        commands(owner).add_command(group)


def _set_app(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.ensure_object(ScriptInfo).app_import_path = value


def _set_debug(ctx: click.Context, param: click.Parameter, value: bool | None) -> None:
    # In the environment, so that a factory can ask for it.
    if value is not None:
        os.environ["FLASK_DEBUG"] = "1" if value else "0"


def _set_env_file(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    info = ctx.ensure_object(ScriptInfo)
    if value is not None and importlib.util.find_spec("dotenv") is None:
        text = "python-dotenv must be installed to load an env file."
        raise click.BadParameter(text, ctx=ctx, param=param)
    if value is not None or info.load_dotenv_defaults:
        load_dotenv(value, load_defaults=info.load_dotenv_defaults)


def _show_version(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value and not ctx.resilient_parsing:
        names = ("FastAPI", "Starlette", "Robyn")
        used = [name for name in names if importlib.util.find_spec(name.lower()) is not None]
        found = "".join(f"\n{name} {version(name.lower())}" for name in used)
        click.echo(f"Python {platform.python_version()}{found}", color=ctx.color)
        ctx.exit()


def _options(with_version: bool) -> list[click.Parameter]:
    found: list[click.Parameter] = [
        click.Option(
            ["-e", "--env-file"],
            type=click.Path(exists=True, dir_okay=False),
            help="Load environment variables from this file. python-dotenv must be installed.",
            is_eager=True,
            expose_value=False,
            callback=_set_env_file,
        ),
        click.Option(
            ["-A", "--app"],
            metavar="IMPORT",
            help="The application or factory function to load, in the form 'module:name'.",
            is_eager=True,
            expose_value=False,
            callback=_set_app,
        ),
        click.Option(
            ["--debug/--no-debug"],
            default=None,
            help="Set debug mode.",
            expose_value=False,
            callback=_set_debug,
        ),
    ]
    if with_version:
        found.append(
            click.Option(
                ["--version"],
                help="Show the versions of Python and the framework.",
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_show_version,
            )
        )
    return found


class ServerGroup(AppGroup):
    """The commands of a script: its own, ``run``, ``shell``, ``routes`` and those of the app.

    In the place of FlaskGroup: ``@click.group(cls=ServerGroup, create_app=create_app)``. Options
    come from ``FLASK_...`` variables too, ``FLASK_RUN_PORT`` for instance.
    """

    def __init__(
        self,
        add_default_commands: bool = True,
        create_app: Function | None = None,
        add_version_option: bool = True,
        load_dotenv: bool = True,
        set_debug_flag: bool = True,
        **extra: Any,
    ) -> None:
        params = [*(extra.pop("params", None) or ()), *_options(add_version_option)]
        settings = extra.pop("context_settings", None) or {}
        settings.setdefault("auto_envvar_prefix", "FLASK")
        super().__init__(params=params, context_settings=settings, **extra)
        self.create_app, self.load_dotenv = create_app, load_dotenv
        self.set_debug_flag = set_debug_flag
        if add_default_commands:
            for command in (run_command, shell_command, routes_command):
                self.add_command(command)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            return found
        try:
            app = ctx.ensure_object(ScriptInfo).load_app()
        except NoAppException as error:
            click.secho(f"Error: {error.format_message()}\n", err=True, fg="red")
            return None
        if not has_app_context() or current_app._get_current_object() is not app:
            ctx.with_resource(app_context(app))
        return commands(app).get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        found = set(super().list_commands(ctx))
        try:
            found.update(commands(ctx.ensure_object(ScriptInfo).load_app()).list_commands(ctx))
        except Exception as error:  # help comes nevertheless
            click.secho(f"Error: {error}\n", err=True, fg="red")
        return sorted(found)

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        if "obj" not in extra and "obj" not in self.context_settings:
            extra["obj"] = ScriptInfo(
                create_app=self.create_app,
                set_debug_flag=self.set_debug_flag,
                load_dotenv_defaults=self.load_dotenv,
            )
        return super().make_context(info_name, args, parent=parent, **extra)


def load_dotenv(path: str | os.PathLike[str] | None = None, load_defaults: bool = True) -> bool:
    """Sets what is in ``.flaskenv``, ``.env`` and ``path``, later ones first, but is not yet set.

    Whether there was something; nothing is done without python-dotenv.
    """
    try:
        import dotenv
    except ImportError:
        if path or os.path.isfile(".env") or os.path.isfile(".flaskenv"):
            text = " * Tip: There are .env files present. Install python-dotenv to use them."
            click.secho(text, fg="yellow", err=True)
        return False
    files = [dotenv.find_dotenv(name, usecwd=True) for name in (".flaskenv", ".env")]
    data: dict[str, str | None] = {}
    for file in [*(files if load_defaults else ()), path]:
        if file and os.path.isfile(file):
            data |= dotenv.dotenv_values(file, encoding="utf-8")
    for key, value in data.items():
        if value is not None:
            os.environ.setdefault(key, value)
    return bool(data)


# ---- commands


@click.command("run", short_help="Run a development server.")
@click.option("--host", "-h", default="127.0.0.1", help="The interface to bind to.")
@click.option("--port", "-p", default=5000, help="The port to bind to.")
@click.option("--cert", type=click.Path(exists=True), help="A certificate file to use HTTPS.")
@click.option("--key", type=click.Path(exists=True), help="The key file of the certificate.")
@click.option("--reload/--no-reload", default=None, help="By default, if debug is enabled.")
@click.option("--debug/--no-debug", default=None, expose_value=False, callback=_set_debug)
@pass_script_info
def run_command(
    info: ScriptInfo, host: str, port: int, cert: str | None, key: str | None, reload: bool | None
) -> None:
    """Run the app on uvicorn."""
    import uvicorn

    app, options = info.load_app(), {"ssl_certfile": cert, "ssl_keyfile": key}
    target = info.app_import_path
    if (debug_flag() if reload is None else reload) and target and re.fullmatch(r"[\w.:]+", target):
        # The reloader's child imports the app by its name.
        path, _, name = target.partition(":")
        factory = not isinstance(getattr(sys.modules[path], name or "app", None), Application)
        uvicorn.run(
            f"{path}:{name or ('create_app' if factory else 'app')}",
            host=host,
            port=port,
            factory=factory,
            reload=True,
            **options,  # type: ignore[arg-type]
        )
    else:
        uvicorn.run(app, host=host, port=port, **options)  # type: ignore[arg-type]


def shell_context_processor(app: Any) -> Callable[[Function], Function]:
    """Its function gives names for the shell, in a dict."""

    def register(function: Function) -> Function:
        app.state._state.setdefault("shell_context_processors", []).append(function)
        return function

    return register


def make_shell_context(app: Any) -> dict[str, Any]:
    """What the shell knows: ``app``, ``g`` and what the app adds."""
    found = {"app": app, "g": g}
    for function in getattr(app.state, "shell_context_processors", ()):
        found.update(function())
    return found


@click.command("shell", short_help="Run a shell in the app context.")
@with_appcontext
def shell_command() -> None:
    """Run an interactive Python shell in the context of the app."""
    import code

    app = current_app._get_current_object()
    names: dict[str, Any] = {}
    startup = os.environ.get("PYTHONSTARTUP")
    if startup and os.path.isfile(startup):
        with open(startup) as file:
            exec(compile(file.read(), startup, "exec"), names)
    names.update(make_shell_context(app))
    if (hook := getattr(sys, "__interactivehook__", None)) is not None:
        try:
            import readline
            from rlcompleter import Completer
        except ImportError:
            pass
        else:
            readline.set_completer(Completer(names).complete)
        hook()
    banner = (
        f"Python {sys.version} on {sys.platform}\n"
        f"App: {app.state.import_name}\n"
        f"Instance: {app.state.instance_path}"
    )
    code.interact(banner=banner, local=names)


_SORTS = ("endpoint", "methods", "domain", "rule", "match")


@click.command("routes", short_help="Show the routes for the app.")
@click.option("--sort", "-s", type=click.Choice(_SORTS), default="endpoint", help="By which column")
@click.option("--all-methods", is_flag=True, help="Show HEAD and OPTIONS methods.")
@with_appcontext
def routes_command(sort: str, all_methods: bool) -> None:
    """Show all registered routes with endpoints and methods."""
    ignored = set() if all_methods else {"HEAD", "OPTIONS"}
    rows = [
        [rule.endpoint, ", ".join(sorted(set(rule.methods) - ignored)), rule.rule]
        for rule in current_app.state.url_map.iter_rules()
    ]
    if not rows:
        click.echo("No routes were registered.")
        return
    if sort in (columns := ("endpoint", "methods", "rule")):
        rows.sort(key=itemgetter(columns.index(sort)))
    rows.insert(0, ["Endpoint", "Methods", "Rule"])
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        click.echo("  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)))


def main() -> None:
    """``python -m flask_parity.cli MODULE:APP [COMMAND] ...``; ``-A MODULE:APP`` is the same."""
    target, arguments = None, sys.argv[1:]
    if arguments and not arguments[0].startswith("-"):
        target = arguments.pop(0)
    info = ScriptInfo(target)
    ServerGroup(name="app", help="The app's commands.").main(args=arguments, obj=info)


if __name__ == "__main__":
    # By its own name, so that there is only one of each class.
    from flask_parity.cli import main as run

    run()
