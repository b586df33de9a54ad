"""What an expression stands for, as far as the framework is concerned (docs/touches.md).

Meanings are tuples: ("value", kind), ("name", canonical), ("package", dotted), ("module", Module),
("function", Scope), ("class", Scope), ("object", Scope), ("parameter", Scope, name), or None.
"""

import ast

PACKAGES = {"flask", "quart", "werkzeug"}

# Modules of the three packages; any other name below them is a function, type or value.
MODULES = set(
    """app asgi blueprints cli config ctx datastructures debughelpers exceptions formparser globals
    helpers http json local logging middleware provider routing sansio scaffold security serving
    sessions signals tag templating test testing typing urls utils views wrappers wsgi""".split()
)

# What of Werkzeug works without a framework: it is the app's own business.
HELPERS = set(
    """FileStorage Local LocalProxy cached_property escape find_modules import_string safe_join
    secure_filename unescape""".split()
)
HELPER_MODULES = {"security", "datastructures", "http", "urls", "local", "formparser", "test"}

AMBIENT = {"request": "request", "session": "session", "g": "g", "current_app": "app"}

RESPONSE_MAKERS = {
    "Response", "BaseResponse", "jsonify", "make_response", "redirect", "send_file",
    "send_from_directory",
}  # fmt: skip

MAPPINGS = {"args", "form", "values", "headers", "cookies"}

# Apps of extensions that derive from the framework's own.
DERIVED = {
    "apiflask.APIFlask": "Flask", "flask_openapi3.OpenAPI": "Flask", "flask_api.FlaskAPI": "Flask",
    "flask_appbuilder.Flask": "Flask", "connexion.FlaskApp": "Flask",
    "apiflask.APIBlueprint": "Blueprint", "flask_smorest.Blueprint": "Blueprint",
    "flask_openapi3.APIBlueprint": "Blueprint",
}  # fmt: skip


def outside(dotted):
    """The meaning of a dotted name that is not of the tree."""
    parts = dotted.split(".")
    if parts[0] not in PACKAGES:
        found = DERIVED.get(dotted)
        return ("name", found) if found else None
    if all(part in MODULES for part in parts[1:]):
        helper = parts[0] == "werkzeug" and len(parts) > 1 and parts[1] in HELPER_MODULES
        return None if helper else ("package", dotted)
    last = parts[-1]
    if parts[0] == "werkzeug":
        if last in HELPERS or parts[1] in HELPER_MODULES:
            return None
    elif last in AMBIENT:
        return ("value", AMBIENT[last])
    return ("name", last)


def made(name):
    """What calling a function or type of the framework gives."""
    if name in RESPONSE_MAKERS:
        return "response"
    return {
        "Flask": "app", "Quart": "app", "Blueprint": "blueprint", "Request": "request",
        "BaseRequest": "request", "AppGroup": "commands",
    }.get(name)  # fmt: skip


def part_of(kind, attribute):
    """What an attribute of a value of the framework is."""
    if attribute == "_get_current_object":
        return ("getter", kind)
    if kind == "app":
        if attribute == "config":
            return ("value", "mapping")
        if attribute == "response_class":
            return ("name", "Response")
        if attribute in ("make_response", "redirect"):
            return ("name", attribute)
    if kind in ("app", "blueprint"):
        if attribute == "cli":
            return ("value", "commands")
        if attribute == "send_static_file":
            return ("name", "send_from_directory")
    if kind == "request":
        if attribute in MAPPINGS:
            return ("value", "mapping")
        if attribute == "files":
            return ("value", "files")
    if kind == "files" and attribute in ("get", "pop"):
        return ("getter", "upload")
    if kind == "files" and attribute in ("getlist", "values"):
        return ("getter", "uploads")
    return None


class Values:
    """Meanings of the expressions of one tree."""

    def __init__(self, tree):
        self.tree = tree
        self.kinds = {}  # (function's scope, parameter) -> kind
        self.memo, self.open, self.circles = {}, set(), 0
        self.infer()

    def of(self, node):
        """The meaning of an expression."""
        return self.once(node, lambda: self.compute(node))

    def once(self, key, compute):
        """`compute()`, remembered; what needs itself to be known is not known."""
        if key in self.memo:
            return self.memo[key]
        if key in self.open or len(self.open) > 400:
            self.circles += 1
            return None
        self.open.add(key)
        before = self.circles
        found = compute()
        self.open.discard(key)
        if before == self.circles or not self.open:
            self.memo[key] = found
        return found

    def compute(self, node):
        if isinstance(node, ast.Name):
            return self.name(node.scope, node.id)
        if isinstance(node, ast.Attribute):
            return self.attribute(self.of(node.value), node.attr)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, (ast.Await, ast.NamedExpr)):
            return self.of(node.value)
        if isinstance(node, ast.IfExp):
            return self.either([node.body, node.orelse])
        if isinstance(node, ast.BoolOp):
            return self.either(node.values)
        if isinstance(node, ast.Subscript) and self.of(node.value) in (
            ("value", "files"),
            ("value", "uploads"),
        ):
            return ("value", "upload")
        return None

    def either(self, nodes):
        return self.pick([self.of(n) for n in nodes])

    @staticmethod
    def pick(found):
        """One meaning for several: a value of the framework, or the only one there is."""
        for meaning in found:
            if meaning and meaning[0] == "value":
                return meaning
        return found[0] if found and all(f == found[0] for f in found) else None

    # ---- names

    def name(self, scope, name):
        at, first = scope, True
        while at is not None:
            if name in at.binds and name not in at.declared and (first or at.kind != "class"):
                return self.bound(at, name, at.binds[name])
            first = first and at.kind == "comprehension"
            at = at.parent
        return self.starred(scope.module, name, set())

    def starred(self, module, name, seen):
        if module in seen or name.startswith("_"):
            return None
        seen.add(module)
        for dotted in reversed(module.stars):
            target = self.tree.find(dotted, module)
            if target is None:
                if dotted.split(".")[0] in PACKAGES and (name in AMBIENT or name in STARRED):
                    return outside(f"{dotted}.{name}")
            elif name in target.scope.binds:
                return self.bound(target.scope, name, target.scope.binds[name])
            else:
                found = self.starred(target, name, seen)
                if found:
                    return found
        return None

    def bound(self, scope, name, binds):
        return self.once((scope, name, id(binds)), lambda: self.chosen(scope, binds))

    def chosen(self, scope, binds):
        binds = [b for b in binds if not is_none(b)]
        for how, what, at in binds:
            if how in ("import", "from"):
                found = self.imported(at.module, how, what)
                if found:
                    return found
        definitions = [b for b in binds if b[0] in ("function", "class")]
        if definitions:
            how, node, _ = definitions[-1]
            return (how, node.inner)
        found = []
        for how, what, at in binds:
            if how == "value":
                found.append(self.of(what))
            elif how == "element":
                found.append(self.element(what))
            elif how == "parameter":
                found.append(self.parameter(at, what))
            else:
                found.append(None)
        return self.pick(found)

    def imported(self, module, how, what):
        if how == "import":
            target = self.tree.find(what, module)
            if target:
                return ("module", target)
            if what.split(".")[0] not in PACKAGES and self.tree.has_folder(what):
                return ("folder", what, module)
            return outside(what)
        dotted, name = what
        target = self.tree.find(dotted, module) if dotted else None
        if target is None or target is module:
            sub = self.tree.find(f"{dotted}.{name}" if dotted else name, module)
            return ("module", sub) if sub else (outside(f"{dotted}.{name}") if not target else None)
        return self.member(target, name)

    def member(self, module, name):
        """What a module has by that name, seen from outside."""
        if name in module.scope.binds:
            return self.bound(module.scope, name, module.scope.binds[name])
        found = self.starred(module, name, set())
        if found:
            return found
        sub = self.tree.find(f"{module.name}.{name}", module) if module.package else None
        return ("module", sub) if sub else None

    def element(self, iterable):
        if isinstance(iterable, (ast.Tuple, ast.List)) and iterable.elts:
            found = self.of(iterable.elts[0])
            return found if found and found[0] == "value" else None
        return ("value", "upload") if self.of(iterable) == ("value", "uploads") else None

    def parameter(self, scope, name):
        kind = self.kinds.get((scope, name))
        if kind:
            return ("value", kind)
        by_position, keyword_only = scope.params()
        if scope.owner and by_position and by_position[0].arg == name:
            if scope.decorated("classmethod"):
                return ("class", scope.owner)
            if not scope.decorated("staticmethod"):
                return ("object", scope.owner)
        for arg in by_position + keyword_only:
            if arg.arg == name and arg.annotation is not None:
                found = self.of(arg.annotation)
                if found and found[0] == "name" and made(found[1]) and found[1][0].isupper():
                    return ("value", made(found[1]))
        return ("parameter", scope, name)

    # ---- attributes and calls

    def attribute(self, base, name):
        if base is None:
            return None
        kind = base[0]
        if kind == "value":
            return part_of(base[1], name)
        if kind == "package":
            return outside(f"{base[1]}.{name}")
        if kind == "module":
            return self.member(base[1], name)
        if kind == "folder":
            dotted = f"{base[1]}.{name}"
            found = self.tree.find(dotted, base[2])
            return ("module", found) if found else ("folder", dotted, base[2])
        if kind in ("class", "object"):
            found, meaning = self.of_class(base[1], name, kind == "object")
            if found:
                return meaning
            own = self.framework_kind(base[1]) if kind == "object" else None
            return part_of(own, name) if own else None
        return None

    def of_class(self, cls, name, instance, seen=()):
        """Whether a class of the tree, or one that it derives from, has `name`, and what it is."""
        binds = cls.binds.get(name)
        if binds:
            found = self.bound(cls, name, binds)
            if instance and found and found[0] == "function" and is_property(found[1]):
                return True, self.returned(found[1])
            return True, found
        if instance and name in cls.members:
            return True, self.bound(cls, name, cls.members[name])
        for base in cls.node.bases:
            meaning = self.of(base)
            if meaning and meaning[0] == "class" and meaning[1] not in (cls, *seen):
                found, value = self.of_class(meaning[1], name, instance, (cls, *seen))
                if found:
                    return True, value
        return False, None

    def framework_kind(self, cls, seen=()):
        """What objects of a class of the tree are, if it derives from a type of the framework."""
        for base in cls.node.bases:
            meaning = self.of(base)
            if meaning and meaning[0] == "name":
                return made(meaning[1])
            if meaning and meaning[0] == "class" and meaning[1] not in (cls, *seen):
                found = self.framework_kind(meaning[1], (cls, *seen))
                if found:
                    return found
        return None

    def call(self, node):
        callee = self.of(node.func)
        if callee is None:
            return None
        if callee[0] == "getter":
            return ("value", callee[1])
        if callee[0] == "name":
            kind = made(callee[1])
            return ("value", kind) if kind else None
        if callee[0] == "class":
            kind = self.framework_kind(callee[1])
            return ("value", kind) if kind else ("object", callee[1])
        if callee[0] == "function":
            found = self.returned(callee[1])
            if found and found[0] == "parameter" and found[1] is callee[1]:
                # It hands back one of its arguments.
                names = [a.arg for a in found[1].params()[0]]
                if found[2] in names and names.index(found[2]) < len(node.args):
                    return self.of(node.args[names.index(found[2])])
                return None
            return found
        return None

    def returned(self, scope):
        """What a function of the tree returns."""
        if scope.generator:
            return None

        def compute():
            found = [self.of(value) for value in scope.returns]
            for meaning in found:
                if meaning and meaning[0] == "value":
                    return meaning
            known = [m for m in found if m and m[0] in ("object", "function", "parameter")]
            return known[-1] if known else None

        return self.once((scope, "return"), compute)

    # ---- parameters

    def infer(self):
        """What parameters are: by the calls of their functions, and by what is done with them."""
        from parameters import facts

        while True:
            before = len(self.kinds)
            for slot, kind in facts(self):
                self.kinds.setdefault(slot, kind)
            self.memo.clear()
            if len(self.kinds) == before:
                return


STARRED = set(
    """Flask Quart Blueprint Response Request render_template render_template_string url_for redirect
    abort flash get_flashed_messages jsonify make_response send_file send_from_directory
    stream_with_context after_this_request has_request_context has_app_context json websocket""".split()
)


def is_none(bind):
    """`x = None` says nothing of what `x` is for."""
    return bind[0] == "value" and isinstance(bind[1], ast.Constant) and bind[1].value is None


def is_property(scope):
    """Whether a method is read like an attribute."""
    return scope.decorated("property", "cached_property")
