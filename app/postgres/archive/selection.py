"""Some tables of an archive, with what they need and what belongs to them, by the archive's own dependencies."""

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from app.errors import Unprocessable
from app.postgres.archive.index import ArchiveIndex, Entry, Section

Name = tuple[str, str]

ROWS: Final = "TABLE DATA"
VALUES: Final = "SEQUENCE SET"
_MOST_SHOWN: Final = 10
# What stands beside a table and makes no sense without it.
_OF_TABLES: Final = frozenset(
    {
        "CHECK CONSTRAINT",
        "CONSTRAINT",
        "DEFAULT",
        "FK CONSTRAINT",
        "INDEX",
        "INDEX ATTACH",
        "POLICY",
        "ROW SECURITY",
        "RULE",
        "SEQUENCE",
        "STATISTICS",
        "STATISTICS DATA",
        "TABLE ATTACH",
        "TRIGGER",
    }
)
# What is said of anything, and of nothing else.
_OF_ANYTHING: Final = frozenset({"ACL", "COMMENT", "SECURITY LABEL", "SEQUENCE OWNED BY"})
_ATTACHED: Final = {"TABLE ATTACH": frozenset({"TABLE"}), "INDEX ATTACH": frozenset({"INDEX", "CONSTRAINT"})}
_RELATIONS: Final = frozenset({"TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE"})


class TablesNotInArchive(Unprocessable):
    code, title = "TABLE_UNKNOWN", "The backup does not hold a table that was named"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """``missing`` are the relations that it needs and that were not selected."""

    entry: Entry
    missing: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """``dump_ids`` is everything to be restored; ``needed`` what is taken along of it because a table needs it."""

    dump_ids: frozenset[int]
    tables: tuple[Entry, ...]
    needed: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def extensions(self) -> list[str]:
        return sorted({entry.tag for entry in self.needed if entry.desc == "EXTENSION"})

    def names(self) -> frozenset[Name]:
        return frozenset((entry.namespace or "", entry.tag) for entry in self.tables)

    def bytes_needed(self, index: ArchiveIndex) -> int:
        """Of the archive, without what encryption adds."""
        return index.header_length + sum(block.length for block in index.blocks if block.dump_id in self.dump_ids)


def select(entries: Sequence[Entry], names: Collection[Name]) -> Selection:
    """A partitioned table stands for all of its partitions; a partition that is named alone becomes a table of its own.

    Left out is what would need a relation that is neither selected nor needed by a selected one: foreign keys to other
    tables, policies that ask other tables. Raises TablesNotInArchive.
    """
    archive = _Archive(entries)
    tables = archive.tables_named(names)
    needed = archive.needed_by({entry.dump_id for entry in tables})
    taken = {entry.dump_id for entry in tables} | needed
    left_out: list[LeftOut] = []
    subjects = {entry.dump_id for entry in tables}
    # What is attached may be what something else is attached to: an index to the index of a partitioned table.
    for entry in entries:
        if entry.desc not in _OF_TABLES or entry.dump_id in taken or not subjects.intersection(entry.dependencies):
            continue
        also = archive.needed_by({entry.dump_id}, known=taken)
        if missing := [archive.by_id[one] for one in sorted(also) if archive.is_relation(one)]:
            left_out.append(LeftOut(entry, tuple(missing)))
            continue
        needed |= also
        taken |= also | {entry.dump_id}
    rows = {entry.dump_id for entry in entries if entry.desc == ROWS and subjects.intersection(entry.dependencies)}
    values = {entry.dump_id for entry in entries if entry.desc == VALUES and taken.intersection(entry.dependencies)}
    said = archive.said_of(taken)
    return Selection(
        dump_ids=frozenset(taken | rows | values | said),
        tables=tuple(tables),
        needed=tuple(entry for entry in entries if entry.dump_id in needed),
        left_out=tuple(left_out),
    )


def select_rows(entries: Sequence[Entry], names: Collection[Name] | None) -> list[Entry]:
    """The entries with rows of these tables, all of them for None; also of an archive that has rows only."""
    rows = [entry for entry in entries if entry.desc == ROWS]
    if names is None:
        return rows
    archive = _Archive(entries)
    if any(entry.desc == "TABLE" for entry in entries):
        wanted = {(entry.namespace or "", entry.tag) for entry in archive.tables_named(names)}
    else:
        wanted = set(names)
        _require(wanted, {(entry.namespace or "", entry.tag) for entry in rows})
    return [entry for entry in rows if (entry.namespace or "", entry.tag) in wanted]


def by_section(entries: Sequence[Entry]) -> Iterator[tuple[Section, Entry]]:
    """Comments and grants have no section of their own: they go with what stands before them, as pg_restore sees it."""
    section = Section.PRE_DATA
    for entry in entries:
        if entry.section is not Section.NONE:
            section = entry.section
        yield section, entry


class _Archive:
    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.by_id = {entry.dump_id: entry for entry in entries}
        self._parents: dict[int, set[int]] = {}
        for entry in entries:
            kinds = _ATTACHED.get(entry.desc, frozenset())
            ends = [one for one in entry.dependencies if one in self.by_id and self.by_id[one].desc in kinds]
            child = next((one for one in ends if _is_named(self.by_id[one], entry)), None)
            if child is not None:
                self._parents[child] = set(ends) - {child}

    def is_relation(self, dump_id: int) -> bool:
        return dump_id in self.by_id and self.by_id[dump_id].desc in _RELATIONS

    def tables_named(self, names: Collection[Name]) -> list[Entry]:
        tables = [entry for entry in self.entries if entry.desc == "TABLE"]
        _require(names, {(entry.namespace or "", entry.tag) for entry in tables})
        wanted = {entry.dump_id for entry in tables if (entry.namespace or "", entry.tag) in set(names)}
        grown = True
        while grown:
            partitions = {child for child, parents in self._parents.items() if parents & wanted}
            grown = not partitions <= wanted
            wanted |= partitions
        return [entry for entry in tables if entry.dump_id in wanted]

    def needed_by(self, dump_ids: AbstractSet[int], *, known: AbstractSet[int] = frozenset()) -> set[int]:
        """Everything that these cannot be made without, themselves and what is ``known`` to be there left out."""
        found: set[int] = set()
        waiting = list(dump_ids)
        while waiting:
            dump_id = waiting.pop()
            # The definition of a partition, or of its index, stands alone; attaching it is an entry of its own.
            needs = set(self.by_id[dump_id].dependencies) - self._parents.get(dump_id, set())
            new = {one for one in needs if one in self.by_id} - found - dump_ids - known
            found |= new
            waiting += new
        return found

    def said_of(self, taken: AbstractSet[int]) -> set[int]:
        return {
            entry.dump_id
            for entry in self.entries
            if entry.desc in _OF_ANYTHING and entry.dependencies and taken >= set(entry.dependencies)
        }


def _is_named(entry: Entry, attach: Entry) -> bool:
    """Whether this is what is attached. The name of a constraint stands behind that of its table."""
    if entry.namespace != attach.namespace:
        return False
    return entry.tag == attach.tag or (entry.desc == "CONSTRAINT" and entry.tag.endswith(f" {attach.tag}"))


def _require(names: Collection[Name], found: AbstractSet[Name]) -> None:
    unknown = sorted(set(names) - found)
    if unknown:
        shown = ", ".join(".".join(name) for name in unknown[:_MOST_SHOWN])
        more = f" and {len(unknown) - _MOST_SHOWN} others" if len(unknown) > _MOST_SHOWN else ""
        raise TablesNotInArchive(
            f"The backup holds no table {shown}{more}. Names are exact, in upper and lower case too; views and what belongs "
            "to an extension cannot be chosen."
        )
