"""Runs a document over the project's own schema file, with the type checking of a GraphQL server."""

import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute,
    get_named_type,
    get_operation_ast,
    is_introspection_type,
    parse,
    validate,
)
from graphql.language import FieldNode
from pydantic.alias_generators import to_snake

from app.providers import railway
from tests.railway_simulator.errors import Failed, Refusal
from tests.railway_simulator.registry import MUTATIONS, QUERIES, Call, Operation

SCHEMA: Final = Path(railway.__file__).with_name("schema.graphql")


class Invalid(Exception):
    """The document, for which the answer is status 400."""

    def __init__(self, errors: list[GraphQLError], code: str) -> None:
        super().__init__(str(errors[0]))
        self.errors, self.code = errors, code

    def body(self) -> dict[str, Any]:
        return {"errors": [_entry(error, self.code) for error in self.errors]}


@dataclass(frozen=True)
class Asked:
    """``operations`` are its root fields and its own name: what faults, pauses and the counts go by."""

    document: DocumentNode
    variables: Mapping[str, Any]
    operation_name: str | None
    name: str
    operations: frozenset[str]


def parsed(body: Mapping[str, Any]) -> Asked:
    """Raises Invalid."""
    query, variables, name = body.get("query"), body.get("variables"), body.get("operationName")
    if not isinstance(query, str):
        raise Invalid([GraphQLError("Must provide query string.")], "BAD_REQUEST")
    if not isinstance(variables or {}, Mapping) or not isinstance(name or "", str):
        raise Invalid([GraphQLError("Variables must be an object, and the operation's name a string.")], "BAD_REQUEST")
    try:
        document = parse(query)
    except GraphQLError as error:
        raise Invalid([error], "GRAPHQL_PARSE_FAILED") from error
    if errors := validate(schema(), document):
        raise Invalid(errors, "GRAPHQL_VALIDATION_FAILED")
    operation = get_operation_ast(document, name)
    if not isinstance(operation, OperationDefinitionNode):
        raise Invalid([GraphQLError("Which operation is meant is not said.")], "OPERATION_RESOLUTION_FAILURE")
    fields = [node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    own = operation.name.value if operation.name else (fields[0] if fields else "")
    return Asked(document, variables or {}, name, own, frozenset({own, *fields}))


async def executed(asked: Asked, call: Call) -> dict[str, Any]:
    running = execute(
        schema(),
        asked.document,
        context_value=call,
        variable_values=dict(asked.variables),
        operation_name=asked.operation_name,
    )
    result = running if not hasattr(running, "__await__") else await running
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_entry(error) for error in result.errors]
    return answer


def refused(refusal: Refusal) -> dict[str, Any]:
    return {"data": None, "errors": [_entry(GraphQLError(refusal.message, original_error=refusal))]}


def nulled(asked: Asked, answer: dict[str, Any]) -> dict[str, Any]:
    """The same, had a promised field of what the operation returned been null: everything is, and an error tells."""
    for operation, content in (answer["data"] or {}).items():
        of, first = _operation(operation), content
        path: list[str | int] = [operation]
        if isinstance(content, list) and content:
            path, first = [operation, 0], content[0]
        if isinstance(first, dict):
            path.append(next(name for name in first if name != "__typename"))
        where = of.parent if len(path) == 1 else str(get_named_type(of.type))
        error = GraphQLError(f"Cannot return null for non-nullable field {where}.{path[-1]}.", path=path)
        return {"data": None, "errors": [_entry(error)]}
    return answer


@dataclass(frozen=True)
class _Root:
    parent: str
    type: Any


def _operation(name: str) -> _Root:
    for parent in ("Query", "Mutation"):
        found = schema().type_map[parent]
        assert isinstance(found, GraphQLObjectType)
        if name in found.fields:
            return _Root(parent, found.fields[name].type)
    raise LookupError(name)


def _entry(error: GraphQLError, code: str | None = None) -> dict[str, Any]:
    cause = error.original_error
    if not isinstance(cause, Refusal) and error.path is None:
        code = code or "BAD_USER_INPUT"  # a variable that does not fit its type
    elif cause is not None and not isinstance(cause, Refusal | GraphQLError):
        traceback.print_exception(cause, file=sys.stderr)
        cause = Failed()
    entry: dict[str, Any] = {"message": error.message, "traceId": token_hex(8)}
    if isinstance(cause, Refusal):
        entry["message"], code = cause.message, cause.code
        if isinstance(cause, Failed):
            return entry
    else:
        code = code or "INTERNAL_SERVER_ERROR"
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        entry["path"] = list(error.path)
    entry["extensions"] = {"code": code}
    return entry


@cache
def schema() -> GraphQLSchema:
    built = build_schema(SCHEMA.read_text(encoding="utf-8"))
    for root, operations in (("Query", QUERIES), ("Mutation", MUTATIONS)):
        found = built.type_map[root]
        assert isinstance(found, GraphQLObjectType)
        assert found.fields.keys() == operations.keys(), f"{root}: {found.fields.keys() ^ operations.keys()}"
        for name, field in found.fields.items():
            field.resolve = _resolver(operations[name])
    for of in built.type_map.values():
        if isinstance(of, GraphQLObjectType) and not is_introspection_type(of):
            for field in of.fields.values():
                for name, argument in field.args.items():
                    argument.out_name = to_snake(name)
        elif isinstance(of, GraphQLInputObjectType):
            for name, entry in of.fields.items():
                entry.out_name = to_snake(name)
    for name, coerce in _INPUTS.items():
        scalar = built.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)
        scalar.coerce_input_value = coerce
    moment = built.type_map["DateTime"]
    assert isinstance(moment, GraphQLScalarType)
    moment.coerce_output_value = lambda value: value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return built


def _resolver(operation: Operation) -> Any:
    async def resolve(_source: Any, info: GraphQLResolveInfo[Call], **arguments: Any) -> Any:
        operation.check(info.context)
        return await operation.run(info.context, **arguments)

    return resolve


def _moment(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"DateTime cannot represent {value!r}") from None
    if found.tzinfo is None:
        raise GraphQLError(f"DateTime cannot represent {value!r}, which is in no zone")
    return found


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GraphQLError("Expected an object")
    return value


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise GraphQLError("Expected an object of strings")
    return value


_INPUTS: Final = {
    "DateTime": _moment,
    "EnvironmentConfig": _object,
    "EnvironmentVariables": _texts,
    "SerializedTemplateConfig": _object,
}
