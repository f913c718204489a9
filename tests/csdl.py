"""Checks Graph requests and answers against Microsoft's own metadata (an extract of v1.0)."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

SOURCE = Path(__file__).parent / "samples" / "graph-metadata.csdl"
_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_GUID = re.compile(r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)$")
_DURATION = re.compile(r"^-?P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$")

OUTSIDE = frozenset(
    {
        "authentication",
        "directoryRoles",
        "getByIds",
        "microsoft.graph.directoryRole",
        "roleManagement",
    }
)
"""Path segments of real v1.0 operations that the extract leaves out."""


class MetadataError(AssertionError):
    """A name or a value that Microsoft's metadata does not know."""


@dataclass(slots=True)
class Property:
    """One property, navigation property or parameter."""

    type_name: str
    nullable: bool


@dataclass(slots=True)
class Structure:
    """An entity or complex type."""

    name: str
    base: str
    properties: dict[str, Property] = field(default_factory=dict)
    navigation: dict[str, Property] = field(default_factory=dict)


@dataclass(slots=True)
class Operation:
    """An action or function bound to a type."""

    name: str
    binding: str
    parameters: dict[str, Property]
    returns: str
    is_action: bool


@dataclass(frozen=True, slots=True)
class Target:
    """What a path leads to; an empty type is one the extract does not hold."""

    type_name: str
    is_collection: bool
    operation: Operation | None = None


def _plain(type_name: str) -> str:
    return type_name.replace("microsoft.graph.", "").replace("graph.", "")


class Metadata:
    """The parsed metadata."""

    def __init__(self, path: Path = SOURCE) -> None:
        root = ET.parse(path).getroot()
        self.types: dict[str, Structure] = {}
        self.enums: dict[str, set[str]] = {}
        self.operations: list[Operation] = []
        self.sets: dict[str, str] = {}
        self.singletons: dict[str, str] = {}
        for kind in ("EntityType", "ComplexType"):
            for element in root.iter(_EDM + kind):
                structure = Structure(element.attrib["Name"], _plain(element.get("BaseType", "")))
                structure.properties = self._members(element, "Property")
                structure.navigation = self._members(element, "NavigationProperty")
                self.types[structure.name] = structure
        for element in root.iter(_EDM + "EnumType"):
            members = {member.attrib["Name"] for member in element.iter(_EDM + "Member")}
            self.enums[element.attrib["Name"]] = members
        for kind in ("Action", "Function"):
            for element in root.iter(_EDM + kind):
                self.operations.append(self._operation(element, is_action=kind == "Action"))
        for element in root.iter(_EDM + "EntitySet"):
            self.sets[element.attrib["Name"]] = _plain(element.attrib["EntityType"])
        for element in root.iter(_EDM + "Singleton"):
            self.singletons[element.attrib["Name"]] = _plain(element.attrib["Type"])

    def _members(self, element: ET.Element, kind: str) -> dict[str, Property]:
        return {
            item.attrib["Name"]: Property(
                _plain(item.attrib["Type"]), item.get("Nullable", "true") != "false"
            )
            for item in element.findall(_EDM + kind)
        }

    def _operation(self, element: ET.Element, *, is_action: bool) -> Operation:
        parameters = self._members(element, "Parameter")
        binding = next(iter(parameters))
        returned = element.find(_EDM + "ReturnType")
        return Operation(
            element.attrib["Name"],
            parameters.pop(binding).type_name,
            parameters,
            "" if returned is None else _plain(returned.attrib["Type"]),
            is_action,
        )

    def line(self, type_name: str) -> list[Structure]:
        """A type and its ancestors."""
        result: list[Structure] = []
        while type_name in self.types:
            result.append(self.types[type_name])
            type_name = self.types[type_name].base
        return result

    def property(self, type_name: str, name: str) -> Property | None:
        """A property by its exact name, own or inherited."""
        for structure in self.line(type_name):
            if name in structure.properties:
                return structure.properties[name]
        return None

    def navigation(self, type_name: str, name: str) -> Property | None:
        """A navigation property by its exact name, own or inherited."""
        for structure in self.line(type_name):
            if name in structure.navigation:
                return structure.navigation[name]
        return None

    # Values

    def check_entity(self, type_name: str, value: Any, where: str = "") -> None:
        """Raises MetadataError when an object has a name or value its type does not allow."""
        where = where or type_name
        if not isinstance(value, dict):
            raise MetadataError(f"{where}: {value!r} is no object")
        declared = value.get("@odata.type")
        if isinstance(declared, str):
            type_name = _plain(declared.removeprefix("#"))
        if type_name not in self.types:
            return
        for name, item in value.items():
            if "@" in name:
                continue
            found = self.property(type_name, name) or self.navigation(type_name, name)
            if found is None:
                raise MetadataError(f"{where}: {type_name} has no property {name!r}")
            self.check_value(found, item, f"{where}.{name}")

    def check_value(self, found: Property, value: Any, where: str) -> None:
        """Raises MetadataError when a value is not of its type."""
        if value is None:
            if not found.nullable:
                raise MetadataError(f"{where}: null is not allowed")
            return
        type_name = found.type_name
        if type_name.startswith("Collection("):
            if not isinstance(value, list):
                raise MetadataError(f"{where}: {value!r} is no list")
            inner = Property(type_name[11:-1], False)
            for index, item in enumerate(value):
                self.check_value(inner, item, f"{where}[{index}]")
        elif type_name.startswith("Edm."):
            if not _is_primitive(type_name, value):
                raise MetadataError(f"{where}: {value!r} is no {type_name}")
        elif type_name in self.enums:
            if value not in self.enums[type_name]:
                raise MetadataError(f"{where}: {value!r} is no member of {type_name}")
        elif type_name in self.types:
            self.check_entity(type_name, value, where)

    # Paths

    def target(self, path: str) -> Target:
        """What a path (without version) leads to; raises MetadataError where it breaks."""
        segments: list[str] = []
        for part in path.split("/"):
            keyed = re.match(r"^(\w+)\('(.*)'\)$", unquote(part))
            segments += keyed.groups() if keyed else [unquote(part)] if part else []
        if not segments:
            raise MetadataError("empty path")
        head, *rest = segments
        if head == "$batch" or head in OUTSIDE:
            return Target("", False)
        if head in self.sets:
            target = Target(self.sets[head], True)
        elif head in self.singletons:
            target = Target(self.singletons[head], False)
        else:
            raise MetadataError(f"no entity set or singleton is called {head!r}")
        for segment in rest:
            if not target.type_name or segment in OUTSIDE:
                return Target("", False)
            target = self._step(target, segment)
        return target

    def _step(self, target: Target, segment: str) -> Target:
        if segment == "$count" and target.is_collection:
            return Target("", False)
        if segment.startswith(("microsoft.graph.", "graph.")):
            name = _plain(segment)
            if name in self.types:
                return Target(name, target.is_collection)
            segment = name
        operation = self._bound(target, segment.removesuffix("()"))
        if operation is not None:
            many = operation.returns.startswith("Collection(")
            returned = operation.returns[11:-1] if many else operation.returns
            return Target(returned, many, operation)
        if target.is_collection:
            return Target(target.type_name, False)  # a key
        found = self.navigation(target.type_name, segment) or self.property(
            target.type_name, segment
        )
        if found is None:
            raise MetadataError(f"{target.type_name} leads to no {segment!r}")
        many = found.type_name.startswith("Collection(")
        name = found.type_name[11:-1] if many else found.type_name
        return Target(name if name in self.types else "", many)

    def _bound(self, target: Target, name: str) -> Operation | None:
        # The nearest type wins: delta is bound to users and to directory objects.
        for structure in self.line(target.type_name):
            binding = f"Collection(graph.{structure.name})"
            wanted = _plain(binding) if target.is_collection else structure.name
            for operation in self.operations:
                if operation.name == name and operation.binding == wanted:
                    return operation
        return None

    def check_path(self, method: str, path: str, query: str = "", body: Any = None) -> Target:
        """Checks a request: its path, the names in its query, its body. Path without version."""
        target = self.target(path)
        for name, value in parse_qsl(query, keep_blank_values=True):
            if name in {"$select", "$orderby"} and target.type_name:
                self._check_names(target.type_name, _names(name, value), f"{path}?{name}")
            if name == "$filter" and target.type_name:
                self._check_names(target.type_name, _filter_names(value), f"{path}?{name}")
        operation = target.operation
        if operation is not None and operation.is_action:
            if method != "POST":
                raise MetadataError(f"{path}: an action is called with POST")
            self._check_parameters(operation, body or {}, path)
        elif method in {"POST", "PATCH"} and target.type_name and body is not None:
            self.check_entity(target.type_name, body, f"{method} {path}")
        return target

    def _check_names(self, type_name: str, names: Iterable[str], where: str) -> None:
        for name in names:
            if self.property(type_name, name) is None:
                raise MetadataError(f"{where}: {type_name} has no property {name!r}")

    def _check_parameters(self, operation: Operation, body: dict[str, Any], where: str) -> None:
        # The metadata writes Message where every published request writes message.
        known = {name.lower(): item for name, item in operation.parameters.items()}
        for name, value in body.items():
            if name.lower() not in known:
                raise MetadataError(f"{where}: {operation.name} takes no {name!r}")
            self.check_value(known[name.lower()], _as_sent(value), f"{where}: {name}")
        for name, item in operation.parameters.items():
            if not item.nullable and name.lower() not in {key.lower() for key in body}:
                raise MetadataError(f"{where}: {operation.name} needs {name!r}")

    def check_answer(self, path: str, answer: Any) -> None:
        """Checks the JSON of a successful answer to a path."""
        target = self.target(path)
        if not target.type_name or not isinstance(answer, dict):
            return
        if target.type_name.startswith("Edm.") or target.type_name not in self.types:
            return
        # A POST to a collection answers with the one entity it made.
        if target.is_collection and "value" in answer:
            for item in answer["value"]:
                self.check_entity(target.type_name, item, path)
        else:
            self.check_entity(target.type_name, answer, path)


def _as_sent(value: Any) -> Any:
    """bodyType is written Text and HTML in requests, text and html in the metadata."""
    if isinstance(value, dict):
        return {
            name: str(item).lower() if name == "contentType" else _as_sent(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_as_sent(item) for item in value]
    return value


def _names(option: str, text: str) -> list[str]:
    words = [part.strip() for part in text.split(",")]
    return [word.split()[0] for word in words] if option == "$orderby" else words


def _filter_names(text: str) -> list[str]:
    """Property names in a $filter: words that no literal, operator or function explains."""
    bare = re.sub(r"'(?:[^']|'')*'", " ", text)
    bare = re.sub(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", " ", bare)
    bare = re.sub(r"\d{4}-\d\d-\d\d(T[\d:.]+Z?)?", " ", bare)
    variables = set(re.findall(r"\b(\w+):", bare))
    words = re.findall(r"[A-Za-z_][\w/$]*", bare)
    known = {"eq", "ne", "gt", "ge", "lt", "le", "and", "or", "not", "in", "true", "false", "null"}
    functions = {"startswith", "endswith", "contains", "startsWith", "endsWith"}
    heads = [word.split("/")[0] for word in words]
    return [head for head in heads if head not in known | functions | variables]


def _is_primitive(type_name: str, value: Any) -> bool:
    match type_name:
        case "Edm.String" | "Edm.Binary":
            return isinstance(value, str)
        case "Edm.Boolean":
            return isinstance(value, bool)
        case "Edm.Int32" | "Edm.Int64":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Edm.Guid":
            return isinstance(value, str) and _GUID.match(value) is not None
        case "Edm.DateTimeOffset":
            return isinstance(value, str) and _DATE.match(value) is not None
        case "Edm.Duration":
            return isinstance(value, str) and _DURATION.match(value) is not None
        case _:
            return True


@cache
def metadata() -> Metadata:
    """The metadata, parsed once a test run."""
    return Metadata()


def check_entity(type_name: str, value: Any) -> None:
    """See Metadata.check_entity."""
    metadata().check_entity(type_name, value)


def check_path(method: str, path: str, query: str = "", body: Any = None) -> Target:
    """See Metadata.check_path."""
    return metadata().check_path(method, path, query, body)


def check_answer(path: str, answer: Any) -> None:
    """See Metadata.check_answer."""
    metadata().check_answer(path, answer)
