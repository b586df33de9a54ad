"""Modules of a source tree, their scopes, and what every scope binds.

Only `ast` is used. Nothing here knows the framework; `values.py` does.
"""

import ast
import os

SKIPPED = {"__pycache__", "node_modules", "site-packages"}


class Scope:
    """A module, class, function (or lambda) or comprehension."""

    def __init__(self, kind, node, parent, module):
        self.kind, self.node, self.parent, self.module = kind, node, parent, module
        self.binds = {}
        self.declared = set()
        self.returns = []
        self.members = {}  # of a class: what its methods assign to attributes of `self`
        self.owner = parent if kind == "function" and parent.kind == "class" else None
        self.generator = False

    def bind(self, name, how, what=None, scope=None):
        """`name` is bound here: `how` it is, `what` it is bound to, and where that is evaluated."""
        at = self
        if name in self.declared:
            at = self.module.scope
        at.binds.setdefault(name, []).append((how, what, scope or self))

    def params(self):
        """The parameters: those by position, those by keyword only."""
        a = self.node.args
        return a.posonlyargs + a.args, a.kwonlyargs

    def decorated(self, *names):
        """Whether a decorator's last name is one of `names`."""
        for d in getattr(self.node, "decorator_list", []):
            last = d.attr if isinstance(d, ast.Attribute) else getattr(d, "id", None)
            if last in names:
                return True
        return False


class Module:
    """One file."""

    def __init__(self, path, name, package, tree):
        self.path, self.name, self.package, self.tree = path, name, package, tree
        self.stars = []
        self.scope = Scope("module", tree, None, self)
        self.exprs = []
        self.imports = []


class Tree:
    """All modules of a folder, found by their dotted names."""

    def __init__(self, root, outside):
        self.root, self.modules, self.by_name, self.skipped = root, [], {}, []
        self.outside = outside
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(
                f
                for f in folders
                if f not in SKIPPED
                and not (f.startswith(".") and f in (".git", ".venv", ".tox", ".nox", ".eggs"))
                and not os.path.exists(os.path.join(folder, f, "pyvenv.cfg"))
            )
            for file in sorted(files):
                if file.endswith(".py"):
                    self.read(os.path.join(folder, file))
        for module in self.modules:
            Binder(module).run()

    def read(self, path):
        """Parses one file; what Python itself cannot parse is left out and listed."""
        try:
            with open(path, "rb") as f:
                tree = ast.parse(f.read())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.skipped.append(path)
            return
        package = os.path.basename(path) == "__init__.py"
        parts = [] if package else [os.path.basename(path)[:-3]]
        folder = os.path.dirname(path)
        while os.path.exists(os.path.join(folder, "__init__.py")):
            parts.insert(0, os.path.basename(folder))
            folder = os.path.dirname(folder)
        name = ".".join(parts)
        if parts and parts[0] in self.outside:
            return
        module = Module(os.path.relpath(path, self.root), name, package, tree)
        self.modules.append(module)
        self.by_name.setdefault(name, []).append(module)
        # Also by the whole path, for packages without an `__init__`.
        whole = os.path.relpath(path, self.root)[:-3].replace(os.sep, ".")
        whole = whole.removesuffix(".__init__")
        if whole != name:
            self.by_name.setdefault(whole, []).append(module)

    def find(self, dotted, seen_from):
        """The module of that dotted name, of several the one nearest to who asks."""
        if dotted.split(".")[0] in self.outside:
            return None
        found = self.by_name.get(dotted)
        if not found:
            return None
        return max(found, key=lambda m: len(os.path.commonprefix([m.path, seen_from.path])))

    def has_folder(self, dotted):
        """Whether some module lies below that dotted name."""
        return any(name.startswith(dotted + ".") for name in self.by_name)

    @staticmethod
    def absolute(module, level, dotted):
        """The dotted name that a relative import means."""
        if not level:
            return dotted or ""
        parts = module.name.split(".")
        drop = level - (1 if module.package else 0)
        parts = parts[: len(parts) - drop] if drop else parts
        return ".".join([p for p in parts if p] + ([dotted] if dotted else []))


class Binder(ast.NodeVisitor):
    """Binds the names of one module and notes for each expression its scope and its parent."""

    def __init__(self, module):
        self.module, self.scope = module, module.scope

    def run(self):
        for stmt in self.module.tree.body:
            self.visit(stmt)

    def visit(self, node):
        if isinstance(node, ast.expr):
            node.scope = self.scope
            self.module.exprs.append(node)
        for child in ast.iter_child_nodes(node):
            child.parent = node
        method = getattr(self, "visit_" + type(node).__name__, None)
        return method(node) if method else self.generic_visit(node)

    def within(self, scope, nodes):
        outer, self.scope = self.scope, scope
        for node in nodes:
            if node is not None:
                self.visit(node)
        self.scope = outer

    # ---- definitions

    def function(self, node, body):
        scope = Scope("function", node, self.scope, self.module)
        node.inner = scope
        a = node.args
        for arg in a.posonlyargs + a.args + a.kwonlyargs:
            scope.bind(arg.arg, "parameter", arg.arg)
        for arg in (a.vararg, a.kwarg):
            if arg:
                scope.bind(arg.arg, "other")
        for inner in own_nodes(body):
            if isinstance(inner, (ast.Global, ast.Nonlocal)):
                scope.declared.update(inner.names)
            if isinstance(inner, (ast.Yield, ast.YieldFrom)):
                scope.generator = True
        for arg in a.posonlyargs + a.args + a.kwonlyargs + [a.vararg, a.kwarg]:
            if arg and arg.annotation:
                arg.annotation.parent = arg
                self.visit(arg.annotation)
        for default in a.defaults + a.kw_defaults:
            if default is not None:
                default.parent = node
                self.visit(default)
        self.within(scope, body)

    def visit_FunctionDef(self, node):
        self.scope.bind(node.name, "function", node)
        for d in node.decorator_list:
            self.visit(d)
        if node.returns:
            self.visit(node.returns)
        self.function(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        self.function(node, [node.body])

    def visit_ClassDef(self, node):
        self.scope.bind(node.name, "class", node)
        for part in node.decorator_list + node.bases + [k.value for k in node.keywords]:
            part.parent = node
            self.visit(part)
        node.inner = Scope("class", node, self.scope, self.module)
        self.within(node.inner, node.body)

    def comprehension(self, node, parts):
        scope = Scope("comprehension", node, self.scope, self.module)
        for i, clause in enumerate(node.generators):
            for part in (clause.iter, clause.target, *clause.ifs):
                part.parent = clause
            self.within(self.scope if i == 0 else scope, [clause.iter])
            outer, self.scope = self.scope, scope
            self.target(clause.target, "element", clause.iter)
            self.scope = outer
            self.within(scope, [clause.target, *clause.ifs])
        self.within(scope, parts)

    def visit_ListComp(self, node):
        self.comprehension(node, [node.elt])

    visit_SetComp = visit_GeneratorExp = visit_ListComp

    def visit_DictComp(self, node):
        self.comprehension(node, [node.key, node.value])

    # ---- bindings

    def target(self, node, how, what=None):
        if isinstance(node, ast.Name):
            self.scope.bind(node.id, how, what)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for part in node.elts:
                self.target(part, "other")
        elif isinstance(node, ast.Starred):
            self.target(node.value, "other")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = self.scope.owner
            by_position = self.scope.params()[0] if owner else []
            if by_position and by_position[0].arg == node.value.id:
                owner.members.setdefault(node.attr, []).append((how, what, self.scope))

    def visit_Assign(self, node):
        for target in node.targets:
            self.target(target, "value", node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node):
        if node.value:
            self.target(node.target, "value", node.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node):
        self.target(node.target, "other")
        self.generic_visit(node)

    def visit_NamedExpr(self, node):
        scope = self.scope
        while scope.kind == "comprehension":
            scope = scope.parent
        scope.bind(node.target.id, "value", node.value, self.scope)
        self.generic_visit(node)

    def visit_For(self, node):
        self.target(node.target, "element", node.iter)
        self.generic_visit(node)

    visit_AsyncFor = visit_For

    def visit_With(self, node):
        for item in node.items:
            if item.optional_vars:
                self.target(item.optional_vars, "other")
        self.generic_visit(node)

    visit_AsyncWith = visit_With

    def visit_ExceptHandler(self, node):
        if node.name:
            self.scope.bind(node.name, "other")
        self.generic_visit(node)

    def visit_MatchAs(self, node):
        if node.name:
            self.scope.bind(node.name, "other")
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_Return(self, node):
        if node.value:
            self.scope.returns.append(node.value)
        self.generic_visit(node)

    def visit_Import(self, node):
        self.module.imports.append(node)
        for alias in node.names:
            if alias.asname:
                self.scope.bind(alias.asname, "import", alias.name)
            else:
                root = alias.name.split(".")[0]
                self.scope.bind(root, "import", root)

    def visit_ImportFrom(self, node):
        self.module.imports.append(node)
        dotted = Tree.absolute(self.module, node.level, node.module)
        for alias in node.names:
            if alias.name == "*":
                self.module.stars.append(dotted)
            else:
                self.scope.bind(alias.asname or alias.name, "from", (dotted, alias.name))


def own_nodes(body):
    """The nodes of a function's body without those of functions and classes inside it."""
    todo = list(body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            todo.extend(ast.iter_child_nodes(node))
