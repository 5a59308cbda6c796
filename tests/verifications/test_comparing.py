"""What a comparison with the manifest notices, seen on the very database that was backed up."""

from typing import Any, cast

from app.locations.manifest import Manifest
from app.postgres.facts import login
from app.verifications.comparing import Comparison, compare
from app.verifications.subject import VerifyRun
from tests.verifications.conftest import ROWS, TABLES, Verifier


class Quiet:
    def report(self, **_: Any) -> None:
        """Nobody listens."""


async def compared(
    verifier: Verifier, manifest: Manifest, *, seconds: float = 60, major: int | None = None
) -> Comparison:
    async with verifier.shop.session() as session:
        own = (await login(session)).major
    return await compare(
        cast("VerifyRun", Quiet()),
        verifier.shop.target,
        manifest,
        server_major=major or own,
        seconds=seconds,
        application_name="test",
    )


# Each is undone by the next statement.
CHANGES = [
    # As many rows, and others.
    (
        "UPDATE orders SET customer = CASE id WHEN 2 THEN 4 ELSE 3 END WHERE id IN (2, 3)",
        "UPDATE orders SET customer = 1 + id % 500 WHERE id IN (2, 3)",
        {"orders content"},
    ),
    ("UPDATE customers SET mood = 'cross' WHERE id = 7", "UPDATE customers SET mood = 'fine' WHERE id = 7", {"customers content"}),
    ("INSERT INTO empty VALUES (1)", "TRUNCATE empty", {"empty count", "empty content"}),
    ("DELETE FROM events WHERE day = '2024-01-02'", "INSERT INTO events VALUES ('2024-01-02', 'e')", {"events_old count", "events_old content"}),
    ("SELECT setval('customers_id_seq', 499)", "SELECT setval('customers_id_seq', 500)", {"customers_id_seq"}),
    ("SELECT setval('customers_id_seq', 501)", "SELECT setval('customers_id_seq', 500)", set()),
    ("SELECT lo_create(4711)", "SELECT lo_unlink(4711)", {"large objects"}),
    ("UPDATE pg_constraint SET convalidated = false WHERE conname = 'orders_customer_fkey'",
     "UPDATE pg_constraint SET convalidated = true WHERE conname = 'orders_customer_fkey'", {"constraints"}),
    ("UPDATE pg_constraint SET convalidated = true WHERE conname = 'never_checked'",
     "UPDATE pg_constraint SET convalidated = false WHERE conname = 'never_checked'", {"constraints"}),
    ("ALTER TABLE customers DROP CONSTRAINT customers_name_check",
     "ALTER TABLE customers ADD CONSTRAINT customers_name_check CHECK (name <> '')", {"constraints"}),
    ("UPDATE pg_extension SET extname = 'else' WHERE extname = 'citext'",
     "UPDATE pg_extension SET extname = 'citext' WHERE extname = 'else'", {"citext"}),
]  # fmt: skip


def differing(comparison: Comparison) -> set[str]:
    names = {f"{table.name} count" for table in comparison.tables if not table.equal}
    names |= {f"{table.name} content" for table in comparison.tables if table.same_content is False}
    names |= {sequence.name for sequence in comparison.sequences if not sequence.equal}
    names |= {one.name for one in comparison.extensions if one.found is None}
    if comparison.large_objects and not comparison.large_objects.equal:
        names.add("large objects")
    if comparison.constraints and not comparison.constraints.equal:
        names.add("constraints")
    return names


async def test_every_kind_of_difference_is_noticed_and_nothing_else(verifier: Verifier, backup: dict[str, Any]) -> None:
    manifest = await verifier.shop.manifest(backup)
    whole = await compared(verifier, manifest)
    assert (whole.equal, whole.rows, whole.contents.tables, differing(whole)) == (True, ROWS, TABLES, set())
    for change, back, wanted in CHANGES:
        await verifier.shop.execute(change)
        found = await compared(verifier, manifest)
        assert (found.equal, differing(found)) == (not wanted, wanted), change
        await verifier.shop.execute(back)
    assert (await compared(verifier, manifest)).equal


async def test_contents_are_compared_within_one_major_and_as_far_as_there_is_time(
    verifier: Verifier, backup: dict[str, Any]
) -> None:
    manifest = await verifier.shop.manifest(backup)
    other = await compared(verifier, manifest, major=99)
    assert (other.equal, other.contents.tables) == (True, 0)
    assert "in that major only" in str(other.contents.reason)
    hasty = await compared(verifier, manifest, seconds=0)
    assert (hasty.equal, hasty.contents.tables, hasty.contents.share_of_rows) == (True, 0, 0.0)
    assert [table.same_content for table in hasty.tables] == [None] * TABLES
    old = await compared(verifier, manifest.model_copy(update={"fingerprints": None, "constraints": None}))
    assert (old.equal, old.constraints, old.contents.reason) == (True, None, "The backup has no fingerprints.")
