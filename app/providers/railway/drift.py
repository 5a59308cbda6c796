"""What Railway's schema has become since our documents were written, told from an introspection of it.

Railway serves no versions of its API, so the part of the schema that we rely on is kept beside the documents and
compared: name by name, type by type.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    build_client_schema,
    build_schema,
    get_introspection_query,
    is_introspection_type,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
    parse,
    validate,
)

from app.errors import BadRequest
from app.http import Answer, JsonClient, NoAnswer
from app.providers.railway.documents import Document, documents
from app.providers.railway.errors import Fault, RailwayProblem, RailwayUnavailable

INTROSPECTION_TIMEOUT_SECONDS: Final = 60.0
_INTROSPECTION: Final = "IntrospectionQuery"
_SCHEMA: Final = Path(__file__).with_name("schema.graphql")

_NO_INTROSPECTION: Final = (
    "What was read is not the answer to an introspection query. Save it again, with its `data` or without."
)

_Input = GraphQLArgument | GraphQLInputField


class IntrospectionInvalid(BadRequest):
    code, title = "RAILWAY_INTROSPECTION_INVALID", "Not an introspection of a GraphQL schema"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. ``breaks`` if a document, or what we make of its answer, can fail by it."""

    where: str
    what: str
    breaks: bool


async def introspect(endpoint: str) -> Mapping[str, Any]:
    """The answer to an introspection query, for which Railway wants no token.

    Raises RailwayUnavailable, IntrospectionInvalid.
    """
    http = JsonClient()
    try:
        query = {"query": get_introspection_query(descriptions=False), "operationName": _INTROSPECTION}
        answer = await http.post(endpoint, query, headers={}, timeout_seconds=INTROSPECTION_TIMEOUT_SECONDS)
    except NoAnswer as silence:
        raise RailwayUnavailable(silence.detail, operation=_INTROSPECTION) from silence
    finally:
        await http.aclose()
    return _introspection(answer)


def _introspection(answer: Answer) -> Mapping[str, Any]:
    if answer.status != 200:  # noqa: PLR2004 (the one status that GraphQL answers with, error or not)
        raise RailwayUnavailable(f"status {answer.status}", operation=_INTROSPECTION)
    found = read_introspection(answer.body)
    if isinstance(errors := found.get("errors"), list) and errors and isinstance(errors[0], Mapping):
        raise RailwayProblem(Fault.of(errors[0]).message, operation=_INTROSPECTION)
    return found


def read_introspection(text: bytes) -> Mapping[str, Any]:
    """Raises IntrospectionInvalid for what is no JSON object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, Mapping):
        raise IntrospectionInvalid(_NO_INTROSPECTION)
    return found


@cache
def our_schema() -> GraphQLSchema:
    return build_schema(_SCHEMA.read_text(encoding="utf-8"))


def served_schema(introspection: Mapping[str, Any]) -> GraphQLSchema:
    """From the answer to an introspection query, with or without its envelope. Raises IntrospectionInvalid."""
    content = introspection.get("data", introspection)
    try:
        # Railway deprecates required arguments, which the specification forbids: nothing that concerns us.
        return build_client_schema(content, assume_valid=True)
    except (TypeError, KeyError, GraphQLError) as error:
        raise IntrospectionInvalid(_NO_INTROSPECTION) from error


def mistakes(document: Document, schema: GraphQLSchema) -> list[str]:
    """What is wrong with a document by ``schema``: nothing, or Railway would refuse it."""
    return [error.message for error in validate(schema, parse(document.text))]


def drift(served: GraphQLSchema) -> list[Drift]:
    """How ``served`` differs from what we rely on. What is new there and optional is nothing to us."""
    found = [Drift(document.name, what, breaks=True) for document in documents() for what in mistakes(document, served)]
    for name, ours in sorted(our_schema().type_map.items()):
        if not is_introspection_type(ours) and not is_specified_scalar_type(ours):
            found += _of_type(name, ours, served)
    return found


def _of_type(name: str, ours: GraphQLNamedType, served: GraphQLSchema) -> Iterator[Drift]:
    theirs = served.type_map.get(name)
    if theirs is None:
        yield Drift(name, "is gone", breaks=True)
    elif isinstance(ours, GraphQLObjectType) and isinstance(theirs, GraphQLObjectType):
        for field in ours.fields:
            yield from _of_field(f"{name}.{field}", ours.fields[field], theirs.fields.get(field))
    elif isinstance(ours, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
        yield from _of_inputs(name, ours.fields, theirs.fields)
    elif isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
        for gone in sorted(ours.values.keys() - theirs.values.keys()):
            yield Drift(f"{name}.{gone}", "is gone", breaks=True)
        for new in sorted(theirs.values.keys() - ours.values.keys()):
            yield Drift(f"{name}.{new}", "is new, and an answer may hold it", breaks=False)
    elif type(theirs) is not type(ours):
        yield Drift(name, f"was of kind {type(ours).__name__} and is of kind {type(theirs).__name__}", breaks=True)


def _of_field(where: str, ours: GraphQLField, theirs: GraphQLField | None) -> Iterator[Drift]:
    if theirs is None:
        yield Drift(where, "is gone", breaks=True)
        return
    if str(theirs.type) != str(ours.type):
        yield Drift(where, f"was {ours.type} and is {theirs.type}", breaks=not _satisfies(theirs.type, ours.type))
    if theirs.deprecation_reason is not None:
        yield Drift(where, f"is deprecated: {theirs.deprecation_reason}", breaks=False)
    yield from _of_inputs(where, ours.args, theirs.args)


def _of_inputs(where: str, ours: Mapping[str, _Input], theirs: Mapping[str, _Input]) -> Iterator[Drift]:
    for name, field in ours.items():
        now = theirs.get(name)
        if now is None:
            yield Drift(f"{where}({name})", "is gone", breaks=True)
        elif str(now.type) != str(field.type):
            breaks = not _satisfies(field.type, now.type)
            yield Drift(f"{where}({name})", f"was {field.type} and is {now.type}", breaks=breaks)
    for name, field in theirs.items():
        required = is_required_argument(field) if isinstance(field, GraphQLArgument) else is_required_input_field(field)
        if required and name not in ours:
            yield Drift(f"{where}({name})", f"is new and required: {field.type}", breaks=True)


def _satisfies(given: GraphQLType, wanted: GraphQLType) -> bool:
    """Whether every value of ``given`` is one of ``wanted``: two schemas' types, so they are compared by name."""
    if isinstance(wanted, GraphQLNonNull):
        return isinstance(given, GraphQLNonNull) and _satisfies(given.of_type, wanted.of_type)
    if isinstance(given, GraphQLNonNull):
        return _satisfies(given.of_type, wanted)
    if isinstance(wanted, GraphQLList):
        return isinstance(given, GraphQLList) and _satisfies(given.of_type, wanted.of_type)
    return str(given) == str(wanted)
