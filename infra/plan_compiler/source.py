"""Reads the plan's YAML files into a tree that knows each value's line, and never stops at the first mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from infra.plan_compiler.findings import Finding, shown

_WHOLE_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
_MAX_BYTES = 2_000_000
_MAX_DEPTH = 20
_YAML_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_YAML_TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "value")}

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Node:
    """One value of a plan file, with its place in it. Asking it for what it doesn't hold gives an empty answer."""

    file: str
    line: int
    place: str
    value: dict[str, Node] | list[Node] | Scalar = None

    def get(self, name: str) -> Node:
        """The value under that name; an empty node at this place where there is none."""
        if isinstance(self.value, dict) and name in self.value:
            return self.value[name]
        return Node(self.file, self.line, f"{self.place}.{name}" if self.place else name)

    def entries(self) -> dict[str, Node]:
        """The named values; none where this isn't a mapping."""
        return self.value if isinstance(self.value, dict) else {}

    def items(self) -> list[Node]:
        """The values of a list; none where this isn't one."""
        return self.value if isinstance(self.value, list) else []

    def named(self) -> list[Node]:
        """The values of a list, or the value itself where it is a single text."""
        return self.items() or ([self] if self.text() else [])

    def text(self) -> str:
        """The value as text; empty where it isn't text."""
        return self.value if isinstance(self.value, str) else ""

    def number(self) -> int | None:
        """The value as a whole number; None where it isn't one."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else None

    def plain(self) -> Any:  # noqa: ANN401
        """The value without its places: dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {name: child.plain() for name, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def at(self, location: tuple[str | int, ...]) -> Node:
        """The deepest node on the way to a location; as far as the file goes."""
        node = self
        for step in location:
            if isinstance(node.value, dict) and str(step) in node.value:
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and 0 <= step < len(node.value):
                node = node.value[step]
            else:
                break
        return node

    def finding(self, problem: str, remedy: str) -> Finding:
        """Something that is wrong with this value."""
        return Finding(self.file, self.line, self.place or "file", problem, remedy)


def repeated(nodes: Iterable[Node]) -> Iterator[Finding]:
    """A finding for every text that stands among the nodes a second time."""
    first: dict[str, Node] = {}
    for node in nodes:
        name = node.text()
        if name and name in first:
            yield node.finding(
                f"'{shown(name)}' stands here a second time (first as {first[name].place}, line {first[name].line})",
                "name each one once",
            )
        elif name:
            first[name] = node


def same_id(items: Iterable[Node]) -> Iterator[Finding]:
    """A finding for every item whose id another one before it has."""
    first: dict[str, Node] = {}
    for item in items:
        name = item.get("id").text()
        if name and name in first:
            other = first[name]
            where = f"line {other.line}" if other.file == item.file else f"line {other.line} of {other.file}"
            yield item.finding(f"the id '{shown(name)}' is taken ({where})", "give it an id of its own")
        elif name:
            first[name] = item


def lacking(node: Node, names: Iterable[str]) -> Iterator[Finding]:
    """A finding for every name that a mapping must have and hasn't."""
    for name in names:
        if isinstance(node.value, dict) and name not in node.value:
            yield node.finding(f"'{name}' is missing", f"add '{name}:'")


@dataclass
class Sources:
    """The files of one plan folder as read, and what was found while reading them."""

    plan_dir: Path
    findings: list[Finding] = field(default_factory=list)

    def read(self, file: str) -> Node | None:
        """The tree of one file; None where it can't be read, which is then a finding."""
        text = self._text(file)
        if text is None:
            return None
        try:
            root, found = _parsed(file, text)
        except YAMLError as error:
            self.findings.append(_syntax_finding(file, text, error))
            return None
        except RecursionError:
            self._add(file, 1, "values are nested too deeply to be read", "write the file as the example plan does")
            return None
        except Exception as error:  # noqa: BLE001  # the parser's own failures on hostile input are findings too
            self._add(
                file,
                1,
                f"is not readable as YAML ({type(error).__name__})",
                "write the file as the example plan does",
            )
            return None
        if root is None:
            self._add(file, 1, "is empty", "write what the example plan's file of that name holds")
            return None
        self.findings.extend(found)
        return root

    def _text(self, file: str) -> str | None:
        path = self.plan_dir / file
        try:
            if not path.is_file():
                self._add(file, 1, "is missing", f"add the file '{file}' as the example plan has it")
                return None
            if path.stat().st_size > _MAX_BYTES:
                self._add(file, 1, f"is larger than {_MAX_BYTES // 1_000_000} MB", "keep to what a plan needs")
                return None
            data = path.read_bytes()
        except OSError as error:
            self._add(
                file,
                1,
                f"can't be read ({error.strerror or type(error).__name__})",
                "make it a readable file",
            )
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._add(file, line, "is not UTF-8 text", "save the file in the encoding UTF-8")
            return None

    def _add(self, file: str, line: int, problem: str, remedy: str) -> None:
        self.findings.append(Finding(file, line, "file", problem, remedy))


@lru_cache(maxsize=64)
def _parsed(file: str, text: str) -> tuple[Node | None, tuple[Finding, ...]]:
    """The tree of a file, and what was found in it. Kept by its text: tests compile much the same plan many times."""
    root = YAML(typ="safe", pure=True).compose(text)
    findings: list[Finding] = []
    return (None if root is None else _Tree(file, findings).node(root, 1, "")), tuple(findings)


def _syntax_finding(file: str, text: str, error: YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    position = getattr(error, "position", None)
    if mark is not None:
        line = mark.line + 1
    elif isinstance(position, int):
        line = text.count("\n", 0, position) + 1
    else:
        line = 1
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    remedy = "look at indentation, colons and quotes on this line and the one before"
    if isinstance(error, MarkedYAMLError) and "expected a single document" in str(error):
        remedy = "keep one document a file, without '---' between parts"
    return Finding(file, line, "file", f"is not valid YAML ({problem})", remedy)


class _Tree:
    """Turns the parser's nodes into ours. A node met twice is an alias; plans are written without them."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self._file = file
        self._findings = findings
        self._met: set[int] = set()

    def node(self, raw: Any, line: int, place: str, depth: int = 0) -> Node:  # noqa: ANN401
        """Our node for a parser's node."""
        if depth > _MAX_DEPTH:
            self._find(
                line,
                "file",
                "values are nested too deeply to be read",
                "write the file as the example plan does",
            )
            return Node(self._file, line, place)
        if id(raw) in self._met:
            self._find(line, place, "repeats another value by '*' or '<<'", "write the value out here")
            return Node(self._file, line, place)
        self._met.add(id(raw))
        if str(raw.tag) not in _PLAIN_TAGS:
            self._find(
                line,
                place,
                f"has the tag '{shown(str(raw.tag))}'",
                "leave out the word that starts with '!' or '<<'",
            )
            return Node(self._file, line, place)
        if isinstance(raw, MappingNode):
            return Node(self._file, line, place, self._mapping(raw, place, depth))
        if isinstance(raw, SequenceNode):
            return Node(self._file, line, place, self._sequence(raw, place, depth))
        return Node(self._file, line, place, self._scalar(raw))

    def _mapping(self, raw: MappingNode, place: str, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for key, value in raw.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self._find(line, place, "a name is itself a list or a mapping", "write a plain name before the colon")
                continue
            name = str(key.value)
            child_place = f"{place}.{shown(name)}" if place else shown(name)
            if name in entries:
                first = entries[name].line
                self._find(
                    line,
                    child_place,
                    f"'{shown(name)}' stands here twice (first on line {first})",
                    "keep one of the two",
                )
                continue
            entries[name] = self.node(value, line, child_place, depth + 1)
        return entries

    def _sequence(self, raw: SequenceNode, place: str, depth: int) -> list[Node]:
        return [
            self.node(value, value.start_mark.line + 1, f"{place}[{_label(value, index)}]", depth + 1)
            for index, value in enumerate(raw.value)
        ]

    def _scalar(self, raw: ScalarNode) -> Scalar:
        kind = str(raw.tag).removeprefix(_YAML_TAG)
        text = str(raw.value)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int" and _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if kind == "float":
            return _fraction(text)
        return text

    def _find(self, line: int, place: str, problem: str, remedy: str) -> None:
        self._findings.append(Finding(self._file, line, place or "file", problem, remedy))


def _fraction(text: str) -> float | str:
    try:
        return float(text.replace("_", ""))
    except ValueError:
        return text


def _label(value: Any, index: int) -> str:  # noqa: ANN401
    """What names an item of a list: its id where it has one, else its number from 1."""
    if isinstance(value, MappingNode):
        for key, named in value.value:
            if isinstance(key, ScalarNode) and key.value == "id" and isinstance(named, ScalarNode) and named.value:
                return shown(str(named.value))
    return str(index + 1)
