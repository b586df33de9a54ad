"""What is said of parameters: by calls that pass something, and by what is done with them."""

import ast

# Attributes that nothing but an app or blueprint has.
TELLING = set(
    """register_blueprint wsgi_app teardown_appcontext before_request after_request teardown_request
    context_processor errorhandler register_error_handler add_url_rule view_functions before_serving
    after_serving app_context test_request_context add_template_filter add_template_global
    add_template_test template_filter template_global url_value_preprocessor url_defaults
    before_first_request make_shell_context_processor shell_context_processor""".split()
)
# Those that settings and template environments have too: they tell where the name says app.
TELLING_WITH_NAME = set(
    "route cli jinja_env jinja_options url_map secret_key session_interface instance_path".split()
)


def called_blueprint(name):
    """Whether a parameter's name says that it is a blueprint."""
    return name in ("bp", "blueprint") or name.endswith(("_bp", "_blueprint"))


def called_app(name):
    """Whether a parameter's name says that it is an app or a blueprint."""
    return name in ("app", "application", "server") or name.endswith("_app") or called_blueprint(name)


def facts(values):
    """((function's scope, parameter), kind) for everything that is known by now."""
    for module in values.tree.modules:
        for node in module.exprs:
            if isinstance(node, ast.Call):
                yield from passed(values, node)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield from telling(values, node)
        yield from after_hooks(values, module)


def passed(values, node):
    """Arguments of a call of the tree's own function or class."""
    if not node.args and not node.keywords:
        return
    callee = values.of(node.func)
    if callee is None or callee[0] not in ("function", "class"):
        return
    bound = False
    if callee[0] == "class":
        found, meaning = values.of_class(callee[1], "__init__", False)
        if not found or not meaning or meaning[0] != "function":
            return
        function, bound = meaning[1], True
    else:
        function = callee[1]
        if function.owner and not function.decorated("staticmethod"):
            base = values.of(node.func.value) if isinstance(node.func, ast.Attribute) else None
            bound = function.decorated("classmethod") or not (base and base[0] == "class")
            bound = bound and isinstance(node.func, ast.Attribute)
    by_position, keyword_only = function.params()
    for i, arg in enumerate(node.args):
        if isinstance(arg, ast.Starred):
            break
        i += bound
        if i < len(by_position):
            yield from slot(values, function, by_position[i].arg, arg)
    for keyword in node.keywords:
        if keyword.arg and any(a.arg == keyword.arg for a in by_position + keyword_only):
            yield from slot(values, function, keyword.arg, keyword.value)


def slot(values, function, name, arg):
    meaning = values.of(arg)
    if meaning and meaning[0] == "value":
        yield (function, name), meaning[1]


def telling(values, node):
    """`app.add_url_rule`: nothing but an app or blueprint has such an attribute."""
    name = node.value.id
    if node.attr in TELLING or (node.attr in TELLING_WITH_NAME and called_app(name)):
        meaning = values.of(node.value)
        if meaning and meaning[0] == "parameter":
            kind = "blueprint" if called_blueprint(name) else "app"
            yield (meaning[1], meaning[2]), kind


def after_hooks(values, module):
    """Functions that run after a request get the response."""
    for node in module.exprs:
        last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
        if last not in ("after_request", "after_app_request", "after_this_request"):
            continue
        parent = node.parent
        function = None
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node in parent.decorator_list:
                function = parent.inner
        elif isinstance(parent, ast.Call) and parent.func is node and parent.args:
            meaning = values.of(parent.args[0])
            if meaning and meaning[0] == "function":
                function = meaning[1]
        if function:
            by_position = function.params()[0][1 if function.owner else 0 :]
            if by_position:
                yield (function, by_position[0].arg), "response"
