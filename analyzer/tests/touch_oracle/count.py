#!/usr/bin/env python3
"""Counts the places where the code of an app touches Flask, Quart or Werkzeug.

    count.py FOLDER            the number
    count.py --list FOLDER     one line a touch: file, line, column, text
    count.py --json FOLDER     {"touches": [[file, line, column, text], …], "skipped": […]}

What counts is defined in docs/touches.md; this is a second reading of that page, written on CPython's
own parser, that shares nothing with the analyzer. It needs Python 3.11 or later and no package.
"""

import ast
import json
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from tree import Tree
from values import PACKAGES, Values, outside

# Of these objects every attribute that is taken counts, not the object itself.
HANDED_AROUND = {"response", "upload"}
# Never looked for in the app's own tree.
OUTSIDE_TREE = PACKAGES | {"jinja2", "markupsafe"}


def touches(root):
    """(file, line, column, text) of every touch, and the files that Python cannot parse."""
    tree = Tree(root, OUTSIDE_TREE)
    values = Values(tree)
    out = []
    for module in tree.modules:
        for node in module.imports:
            out.extend((module.path, *where(alias), "import") for alias in imported(node))
        for node in module.exprs:
            for _ in range(entries(values, node)):
                out.append((module.path, *where(node), ast.unparse(node)[:60]))
    return sorted(out), tree.skipped


def where(node):
    return node.lineno, node.col_offset


def imported(node):
    """The names of the framework that an import statement brings."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            dotted = alias.name
        elif node.level:
            continue
        elif alias.name == "*":
            dotted = node.module
        else:
            dotted = f"{node.module}.{alias.name}"
        if dotted.split(".")[0] in PACKAGES and outside(dotted):
            yield alias


def entries(values, node):
    """How many touches start at this expression (its parts not counted)."""
    if isinstance(node, ast.Name):
        return int(isinstance(node.ctx, ast.Load) and counts(values, node, values.of(node)))
    if isinstance(node, ast.Attribute):
        base = values.of(node.value)
        if base is None:
            return 0
        if base[0] == "value":
            return int(base[1] in HANDED_AROUND)
        if base[0] == "object":
            found, _ = values.of_class(base[1], node.attr, True)
            if not found:
                # `self.make_response` in a subclass of the framework's own.
                return int(values.framework_kind(base[1]) is not None)
        if base[0] in ("package", "module", "folder", "class", "object"):
            return int(isinstance(node.ctx, ast.Load) and counts(values, node, values.of(node)))
        return 0
    if isinstance(node, ast.Call):
        callee = values.of(node.func)
        if callee is None:
            return 0
        if callee[0] == "class":
            return int(values.framework_kind(callee[1]) == "app")
        if callee[0] == "function":
            meaning = values.of(node)
            return int(is_asked(node) and counts(values, node, meaning))
    return 0


def counts(values, node, meaning):
    """Whether an expression of that meaning is a touch where it stands."""
    if meaning is None:
        return False
    if meaning[0] == "name":
        return True
    if meaning[0] == "value":
        if meaning[1] in HANDED_AROUND or meaning[1] == "uploads":
            return False
        if meaning[1] == "commands":
            return is_asked(node)
        return not (meaning[1] == "blueprint" and is_mounted(values, node))
    if meaning[0] == "object" and not is_asked(node):
        kind = values.framework_kind(meaning[1])
        return kind is not None and kind not in HANDED_AROUND
    return False


def is_asked(node):
    """Whether an attribute or item is taken of it (or of the `await` of it)."""
    parent = node.parent
    if isinstance(parent, ast.Await):
        node, parent = parent, parent.parent
    return isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is node


def is_mounted(values, node):
    """Whether it is the blueprint of `app.register_blueprint(blueprint)`, a part of that touch."""
    call = node.parent
    return (
        isinstance(call, ast.Call)
        and node in call.args
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "register_blueprint"
        and (values.of(call.func.value) or ("",))[0] in ("value", "object")
    )


def main():
    flags = [a for a in sys.argv[1:] if a.startswith("--")]
    folders = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(folders) != 1:
        raise SystemExit(__doc__)
    found, skipped = touches(folders[0])
    if "--json" in flags:
        print(json.dumps({"touches": found, "skipped": skipped}))
    elif "--list" in flags:
        for file, line, column, text in found:
            print(f"{file}:{line}:{column}: {text}")
    else:
        print(len(found))


if __name__ == "__main__":
    # Chains of names and nested expressions go deeper than Python's own limits.
    sys.setrecursionlimit(100_000)
    threading.stack_size(512 << 20)
    worker = threading.Thread(target=main)
    worker.start()
    worker.join()
