"""Lists what the program says to people, as templates, and which of them have no Japanese text yet.

    uv run python scripts/list_messages.py               the share that is translated, by package
    uv run python scripts/list_messages.py --lacking     the templates without a text, ready to be filled in
    uv run python scripts/list_messages.py --left-over   the texts whose template is gone

A template is the f-string of a message with a name in the place of each value: `{file}: no such file`.
Covers: what is handed to an error, a finding of the doctor, a check of an intake, a note of a stage or `say`; the help
of commands and options, a paragraph a text; functions that hand their argument on to one of these; choices inside of a
message; names bound in the same function or module.
Does not cover: a message that is read from a file or made by a library.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from appliance.core.help_texts import paragraphs
from appliance.core.language import read_catalogue

ROOT = Path(__file__).parents[1]
PACKAGES = ("appliance", "anonymize", "quantize")
# both languages are kept beside the sentence there
BILINGUAL = ("appliance/evaluation", "appliance/evidence")
ERRORS = (
    *("ApplianceError", "SettingsError", "InputError", "CustodyError", "ResourceError", "GateRefused"),
    *("IntegrityError", "WaitingForPerson", "Busy", "Interrupted", "SourceError", "DecisionError", "OpenFindings"),
    *("DetectionError", "TechniqueError", "KeyTooShort", "VaultError", "WrongKey", "CountError", "SchemeRefused"),
    *("ModelUnsupported", "UnreadableFile", "Broken", "ValueError"),
)
Speaking = dict[str, tuple[tuple[int, ...], tuple[str, ...]]]
# call -> the places of its arguments that people read, and their names
SPEAKING: Speaking = {
    **dict.fromkeys(ERRORS, ((0, 1), ("message", "hint"))),
    "Finding": ((0, 2, 3), ("name", "found", "hint")),
    "Check": ((2, 3), ("found", "do")),
    "Quarantined": ((1, 2), ("reason",)),
    "Observation": ((2,), ("message",)),
    "note": ((0,), ()),
    "option": ((), ("help",)),
    "_end": ((0, 1), ()),
    "replace": ((), ("message", "hint")),  # of the state of a run
}
MARKED = ("say", "message")  # their argument is a template already
WHERE = re.compile(r"^\{\w+\}: ")  # the place before a message is found by its colon, and stays as it is
DEEPEST = 4  # names bound to names
WORDED = "words"  # the name of a value that is chosen among texts of ours
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """One source file: what it holds, the strings bound to its names, its functions by name."""

    file: Path
    nodes: list[ast.AST]  # all of them; trees are walked once, for that is what takes the time
    names: dict[str, list[ast.expr]] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    nodes_of: dict[str, list[ast.AST]] = field(default_factory=dict)  # by the name of the function


def templates(root: Path = ROOT) -> dict[str, str]:
    """Return every template, and the file and line where it is said first."""
    modules = [_module(file) for package in PACKAGES for file in sorted((root / package).rglob("*.py"))]
    everywhere: Speaking = dict(SPEAKING)
    while (more := _handing_on(modules, everywhere)).keys() - everywhere.keys():
        everywhere.update(more)
    found: dict[str, str] = {}
    for module in modules:
        place = str(module.file.relative_to(root))
        if not place.startswith(BILINGUAL):
            for line, template in _said(module, _known_in(module, everywhere)):
                told = WHERE.sub("", template)
                if any(letter.isalpha() for letter in _literal(told)):
                    found.setdefault(told, f"{place}:{line}")
    return found


def needs_a_text(template: str) -> bool:
    """Tell whether a template is a sentence; a word, a name or a command may stay as it is."""
    words = [word for word in _literal(template).split() if any(letter.isalpha() for letter in word)]
    return len(words) > 1 and not template.startswith(("appliance ", "--", "chmod ", "{value} "))


def _module(file: Path) -> Module:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    module = Module(file, list(ast.walk(tree)))
    for node in tree.body:
        _bind(node, module.names)
    for node in module.nodes:
        if isinstance(node, Function):
            module.functions[node.name] = node
            module.nodes_of[node.name] = list(ast.walk(node))
    return module


def _bind(node: ast.AST, names: dict[str, list[ast.expr]]) -> None:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            names.setdefault(name, []).append(value)
        case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Tuple(elts=values)) if len(parts) == len(values):
            for part, value in zip(parts, values, strict=True):
                if isinstance(part, ast.Name):
                    names.setdefault(part.id, []).append(value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            names.setdefault(name, []).append(value)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _spoken(node: ast.Call, speaking: Speaking) -> Iterator[ast.expr]:
    """Yield the arguments of a call that people read."""
    places, names = speaking.get(_called(node), ((), ()))
    yield from (node.args[place] for place in places if place < len(node.args))
    yield from (keyword.value for keyword in node.keywords if keyword.arg in names)


def _known_in(module: Module, everywhere: Speaking) -> Speaking:
    """Return the speaking calls as one module knows them: private names are its own."""
    own = {name.partition(":")[2]: told for name, told in everywhere.items() if name.startswith(f"{module.file}:")}
    return {**{name: told for name, told in everywhere.items() if ":" not in name}, **own}


def _handing_on(modules: list[Module], everywhere: Speaking) -> Speaking:
    """Return the functions that hand an argument of theirs on to a speaking call."""
    found: Speaking = {}
    for module in modules:
        speaking = _known_in(module, everywhere)
        for name, function in module.functions.items():
            parameters = [arg.arg for arg in (*function.args.args, *function.args.kwonlyargs) if arg.arg != "self"]
            handed = {
                inner.id
                for call in module.nodes_of[name]
                if isinstance(call, ast.Call)
                for argument in _spoken(call, speaking)
                for inner in _texts(argument)
                if isinstance(inner, ast.Name)
            } & set(parameters)
            handed -= {"name", "file", "place", "where", "path", "folder", "column", "field", "part"}
            if handed and not name.startswith("__") and "appliance/commands" not in str(module.file):
                key = f"{module.file}:{name}" if name.startswith("_") else name
                found[key] = (tuple(parameters.index(each) for each in sorted(handed)), tuple(sorted(handed)))
    return found


def _texts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the expressions whose text becomes a part of a message."""
    match node:
        case ast.JoinedStr(values=values):
            for value in values:
                if isinstance(value, ast.FormattedValue):
                    yield from _texts(value.value)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_texts(body), *_texts(orelse))
        case ast.BoolOp(values=values):
            for value in values:
                yield from _texts(value)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from (*_texts(left), *_texts(right))
        case _:
            yield node


def _said(module: Module, speaking: Speaking) -> Iterator[tuple[int, str]]:
    for function, nodes in (("", module.nodes), *module.nodes_of.items()):
        names = dict(module.names)
        for node in nodes if function else ():
            _bind(node, names)
        if function and _is_command(module.functions[function]):
            scope = module.functions[function]
            yield from ((scope.lineno, _escaped(part)) for part in paragraphs(ast.get_docstring(scope)))
        for node in nodes:
            if isinstance(node, ast.Call):
                yield from ((node.lineno, told) for told in _said_by(node, module, names, speaking))
            elif isinstance(node, ast.Return) and node.value and _is_reason(function):
                for part in node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]:
                    yield from ((node.lineno, told) for told in _templates(part, module, names, DEEPEST))


def _is_command(function: Function) -> bool:
    """Its docstring is what the command line says of it."""
    calls = (each for each in function.decorator_list if isinstance(each, ast.Call))
    return any(_called(each) in ("command", "group") for each in calls)


def _said_by(call: ast.Call, module: Module, names: dict[str, list[ast.expr]], speaking: Speaking) -> Iterator[str]:
    if _called(call) in MARKED and call.args and isinstance(call.args[0], ast.Constant):
        yield str(call.args[0].value)
        return
    for argument in _spoken(call, speaking):
        yield from _templates(argument, module, names, DEEPEST)


def _is_reason(name: str) -> bool:
    """Functions of these names return the text of a message, or its parts."""
    return (
        name.endswith(("refusal", "_problem", "_hint", "_reason", "reason", "_told", "_doing", "_nothing_read"))
        or name == "told"
    )


def _templates(node: ast.expr, module: Module, names: dict[str, list[ast.expr]], depth: int) -> Iterator[str]:
    """Yield the templates of one expression, and of the choices inside of it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield _escaped(node.value)
        return
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        parts = list(_parts(node))
        if any(isinstance(part, str) for part in parts):
            yield _template(parts)
        choices = [part for part in parts if not isinstance(part, str)]
    else:
        choices = list(_choices(node, names))
    if depth > 0:
        for choice in choices:
            yield from _templates(choice, module, names, depth - 1)


def _choices(node: ast.expr, names: dict[str, list[ast.expr]]) -> Iterator[ast.expr]:
    """Yield the expressions that one may turn out to be."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.BoolOp(values=values) | ast.Subscript(value=ast.Dict(values=values)):
            yield from values
        case ast.Name(id=name):
            yield from names.get(name, ())
        case ast.Subscript(value=ast.Name(id=name)):
            for value in names.get(name, ()):
                yield from value.values if isinstance(value, ast.Dict) else ()


def _parts(node: ast.expr) -> Iterator[str | ast.expr]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            for value in values:
                yield from _parts(value.value if isinstance(value, ast.FormattedValue) else value)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from (*_parts(left), *_parts(right))
        case _:
            yield node


def _template(parts: list[str | ast.expr]) -> str:
    """Return the template; values that touch each other are one."""
    told, used, was_value = "", dict[str, int](), False
    for part in parts:
        if isinstance(part, str):
            told += _escaped(part)
            was_value = was_value and not part
            continue
        if not was_value:
            name = _name(part)
            used[name] = used.get(name, 0) + 1
            told += "{" + (name if used[name] == 1 else f"{name}{used[name]}") + "}"
        was_value = True
    return told


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _name(node: ast.expr) -> str:
    """Return a name for the place of a value."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            told = {"__name__": "type", "__version__": "version"}.get(name, name.lower().lstrip("_"))
        case ast.IfExp() | ast.BoolOp():
            told = WORDED
        case ast.Call(func=ast.Name(id="len" | "sum")):
            told = "count"
        case ast.Call(func=ast.Attribute(attr="join")):
            told = "list"
        case ast.Subscript(slice=ast.Constant(value=str(key))) if key.isidentifier():
            told = key.lower()
        case ast.Call(args=[inner, *_]) | ast.BinOp(left=inner) | ast.Subscript(value=inner):
            told = _name(inner)
        case _:
            told = "value"
    return told


def _literal(template: str) -> str:
    out, depth = "", 0
    for letter in template.replace("{{", "").replace("}}", ""):
        depth += (letter == "{") - (letter == "}")
        out += letter if depth == 0 and letter != "}" else ""
    return out


def texts(name: str = "ja", root: Path = ROOT) -> dict[str, str]:
    """Return the texts of the catalogue, by template."""
    return dict(read_catalogue((root / "appliance" / "locale" / f"{name}.po").read_text(encoding="utf-8")))


def shares(said: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Return how many of the sentences among the templates have a text, and how many there are, by package."""
    known, counted = texts(), dict[str, tuple[int, int]]()
    for template, place in said.items():
        if needs_a_text(template):
            package = "/".join(place.partition(":")[0].split("/")[:2])
            told, of = counted.get(package, (0, 0))
            counted[package] = (told + (template in known), of + 1)
    return counted


def main(arguments: list[str]) -> int:
    """Print what was asked for."""
    said, known = templates(), texts()
    if "--lacking" in arguments:
        for template, place in said.items():
            if needs_a_text(template) and template not in known:
                print(f'# {place}\nmsgid {json.dumps(template, ensure_ascii=False)}\nmsgstr ""\n')
    elif "--left-over" in arguments:
        print("\n".join(sorted(known.keys() - said.keys())))
    else:
        for package, (told, of) in sorted(shares(said).items()):
            print(f"{told:>5} of {of:>4}  {package}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
