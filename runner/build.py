#!/usr/bin/env python3
"""Joins runner/src into the one file that is served: finetunelab_runner.py.

    python3 runner/build.py           writes it
    python3 runner/build.py --check   says whether it is what the sources make (status 1 if not)

The order below is the reading order. A part may import only from parts above it, by `from .part import name`;
those lines fall away, since one file is one namespace, and the imports of the standard library are gathered at the top.
The same sources give the same bytes on every Python.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SOURCES = FOLDER / "src"
TARGET = FOLDER / "finetunelab_runner.py"

ORDER = """
    errors words settings redact config
    http_client control_plane report folder_tar artifacts
    download mix rows rows_trl rows_axolotl rows_llamafactory train_file token_counter
    launch yaml_text drive_smoke drive_trl drive_axolotl drive_llamafactory drive_command trainers pins
    meter gpu processes publisher job life
    smoke trl_script hub_script main
""".split()

RULE = "# " + "-" * 100
BUILT = "# Joined from runner/src by runner/build.py: change those, then build."
END = 'if __name__ == "__main__":\n    sys.exit(main(sys.argv[1:]))\n'


class Part:
    """One source file, taken apart."""

    def __init__(self, name: str):
        self.name = name
        text = (SOURCES / f"{name}.py").read_text(encoding="utf-8")
        tree = ast.parse(text)
        self.about = ast.get_docstring(tree) or name
        self.modules: set[str] = set()
        self.names: dict[str, set[str]] = {}
        self.needs: dict[str, list[str]] = {}
        self.defines: set[str] = set()
        body = 0
        for node in tree.body:
            if isinstance(node, ast.Import):
                self.modules.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 1:
                self.needs[node.module or ""] = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                self.names.setdefault(node.module or "", set()).update(alias.name for alias in node.names)
            elif not isinstance(node, ast.Expr):
                self.defines.update(defined_names(node))
                continue
            body = max(body, node.end_lineno or 0)
        self.body = "".join(text.splitlines(keepends=True)[body:]).strip("\n")

    @property
    def banner(self) -> str:
        lines = "".join(f"# {line}".rstrip() + "\n" for line in self.about.splitlines())
        return f"{RULE}\n{lines}{RULE}\n"


def defined_names(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def checked(parts: list[Part]) -> None:
    """Raises SystemExit where the parts would not be the same program when joined."""
    owner: dict[str, str] = {}
    for part in parts:
        for module, names in part.needs.items():
            for name in names:
                if owner.get(name) != module:
                    raise SystemExit(f"{part.name}.py imports {name}, which {module}.py does not define above it.")
        for name in part.defines:
            if name in owner:
                raise SystemExit(f"{part.name}.py defines {name}, and so does {owner[name]}.py.")
            owner[name] = part.name
    strangers = {path.stem for path in SOURCES.glob("*.py")} - set(ORDER) - {"__init__"}
    if strangers:
        raise SystemExit(f"Not in the order of build.py: {', '.join(sorted(strangers))}.")


def joined() -> str:
    parts = [Part(name) for name in ORDER]
    checked(parts)
    about = ast.get_docstring(ast.parse((SOURCES / "__init__.py").read_text(encoding="utf-8")))
    modules = sorted({module for part in parts for module in part.modules})
    froms: dict[str, set[str]] = {}
    for part in parts:
        for module, names in part.names.items():
            froms.setdefault(module, set()).update(names)
    future = froms.pop("__future__")
    imports = [f"import {module}" for module in modules]
    imports += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(froms.items())]
    head = f'#!/usr/bin/env python3\n"""{about}\n"""\n\n{BUILT}\n\n'
    head += f"from __future__ import {', '.join(sorted(future))}\n\n" + "\n".join(imports) + "\n"
    body = "".join(f"\n\n{part.banner}\n\n{part.body}\n" for part in parts)
    return f"{head}{body}\n\n{END}"


def main(arguments: list[str]) -> int:
    text = joined()
    if arguments == ["--check"]:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET.name} is not what runner/src makes: run python3 runner/build.py.", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    print(f"{TARGET.name}: {text.count(chr(10)):,} lines from {len(ORDER)} parts.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
