"""Our documents against our part of Railway's schema, and against all of it where an introspection is at hand."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLInputObjectType,
    GraphQLObjectType,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    introspection_from_schema,
    is_introspection_type,
    is_specified_scalar_type,
    parse,
    print_ast,
    print_schema,
    visit,
)

from app.providers.railway.documents import Document, Kind, document, documents
from app.providers.railway.drift import Drift, IntrospectionInvalid, drift, mistakes, our_schema, served_schema

SAVED = "PGM_RAILWAY_INTROSPECTION"


@pytest.mark.parametrize("document", documents(), ids=lambda document: document.name)
def test_every_document_is_valid_and_named_after_its_file(document: Document) -> None:
    assert mistakes(document, our_schema()) == []
    (operation,) = parse(document.text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert (operation.name.value, operation.operation.value) == (document.name, document.kind.value)


def test_a_field_that_does_not_exist_is_found() -> None:
    backups = document("volumeInstanceBackupList")
    planted = replace(backups, text=backups.text.replace("usedMB", "sizeBytes"))
    assert mistakes(planted, our_schema()) == ["Cannot query field 'sizeBytes' on type 'VolumeInstanceBackup'."]


def test_a_volume_id_of_the_wrong_type_is_found() -> None:
    planted = Document("volumeDelete", "mutation volumeDelete($v: Int!) { volumeDelete(volumeId: $v) }", Kind.CHANGE)
    assert len(mistakes(planted, our_schema())) == 1


def test_the_schema_holds_nothing_that_no_document_uses() -> None:
    assert everything_named() - everything_used() == set()


def test_no_document_selects_an_object_that_railway_promises_in_vain() -> None:
    traps = {"VolumeInstance.service", "Variable.service", "EnvironmentPatch.environment", "Deployment.service"}
    assert everything_used().isdisjoint(traps)


def test_a_schema_does_not_drift_from_itself() -> None:
    assert drift(our_schema()) == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("  usedMB: Int\n", "", {Drift("VolumeInstanceBackup.usedMB", "is gone", breaks=True)}),
        ("  sizeMB: Int!", "  sizeMB: Int", {Drift("VolumeInstance.sizeMB", "was Int! and is Int", breaks=True)}),
        ("  usedMB: Int", "  usedMB: Int!", {Drift("VolumeInstanceBackup.usedMB", "was Int and is Int!", breaks=False)}),
        ("  memoryGB: Float", "  memoryGB: Float!", {
            Drift("ServiceInstanceLimitsUpdateInput(memoryGB)", "was Float and is Float!", breaks=True)
        }),
        ("input VolumeUpdateInput {", "input VolumeUpdateInput {\n  why: String!", {
            Drift("VolumeUpdateInput(why)", "is new and required: String!", breaks=True)
        }),
        ("input VolumeUpdateInput {", 'input VolumeUpdateInput {\n  why: String! = "so"', set()),
        ("  READY\n", "  READY\n  FROZEN\n", {
            Drift("VolumeState.FROZEN", "is new, and an answer may hold it", breaks=False)
        }),
        ("  MIGRATING\n", "", {Drift("VolumeState.MIGRATING", "is gone", breaks=True)}),
        ("scalar EnvironmentConfig", "enum EnvironmentConfig { A }", {
            Drift("EnvironmentConfig", "was of kind GraphQLScalarType and is of kind GraphQLEnumType", breaks=True)
        }),
        ("  isStable: Boolean!", '  isStable: Boolean! @deprecated(reason: "ask us")', {
            Drift("PlatformStatus.isStable", "is deprecated: ask us", breaks=False)
        }),
    ],
)  # fmt: skip
def test_what_changed_is_named(before: str, after: str, found: set[Drift]) -> None:
    text = print_schema(our_schema())
    assert before in text
    theirs = build_schema(text.replace(before, after))
    typed = {one for one in drift(theirs) if "Cannot query" not in one.what}
    assert typed == found


def test_a_document_that_no_longer_validates_is_named() -> None:
    theirs = build_schema(print_schema(our_schema()).replace("  tcpProxyDelete(id: String!): Boolean!\n", ""))
    assert Drift("tcpProxyDelete", "Cannot query field 'tcpProxyDelete' on type 'Mutation'.", breaks=True) in {
        replace(one, what=one.what.split(" Did you mean")[0]) for one in drift(theirs)
    }


def test_an_introspection_is_read_with_and_without_its_envelope() -> None:
    content: dict[str, Any] = dict(introspection_from_schema(our_schema()))
    assert drift(served_schema(content)) == drift(served_schema({"data": content})) == []


@pytest.mark.parametrize("content", [{}, {"data": {"me": None}}, {"data": None}, {"__schema": {"types": 3}}])
def test_what_is_no_introspection_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(IntrospectionInvalid, match="introspection query"):
        served_schema(content)


def test_railway_serves_what_we_rely_on() -> None:
    """Without a saved introspection there is nothing to compare with but our own."""
    saved = os.environ.get(SAVED)
    theirs = served_schema(json.loads(Path(saved).read_text(encoding="utf-8"))) if saved else our_schema()
    assert [one for one in drift(theirs) if one.breaks] == []


def everything_named() -> set[str]:
    named: set[str] = set()
    for name, found in our_schema().type_map.items():
        if is_introspection_type(found) or is_specified_scalar_type(found):
            continue
        named.add(name)
        if isinstance(found, GraphQLObjectType):
            named |= {f"{name}.{field}" for field in found.fields}
            named |= {f"{name}.{field}({argument})" for field, of in found.fields.items() for argument in of.args}
    return named


def everything_used() -> set[str]:
    """Types, fields and arguments. An input or enum is used as a whole: its content is the caller's choice."""
    used: set[str] = set()
    info = TypeInfo(our_schema())

    class Uses(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent, field = info.get_parent_type(), info.get_field_def()
            assert parent is not None
            assert field is not None
            where = f"{parent.name}.{node.name.value}"
            used.update({parent.name, where, bare(field.type)})
            used.update(f"{where}({argument.name.value})" for argument in node.arguments or ())

    for found in documents():
        tree = parse(found.text)
        visit(tree, TypeInfoVisitor(info, Uses()))
        for definition in tree.definitions:
            assert isinstance(definition, OperationDefinitionNode)
            for variable in definition.variable_definitions or ():
                take_input(bare(print_ast(variable.type)), used)
    return used


def take_input(name: str, used: set[str]) -> None:
    used.add(name)
    found = our_schema().type_map[name]
    if isinstance(found, GraphQLInputObjectType):
        for field in found.fields.values():
            take_input(bare(field.type), used)


def bare(of: object) -> str:
    return str(of).strip("[]!")
