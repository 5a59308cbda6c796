"""Estimates by the price table."""

from datetime import date

from app.providers.railway.prices import DATED, PRICES, Priced, estimate


def test_an_estimate_says_that_it_is_one_and_of_which_day_its_prices_are() -> None:
    found = estimate({Priced.VOLUME: 20, Priced.MEMORY: 0.5, Priced.CPU: 0.1})
    assert (found.is_estimate, found.prices_of) == (True, DATED)
    assert [(line.what, line.usd) for line in found.lines] == [("volume", 3.0), ("memory", 5.0), ("cpu", 2.0)]
    assert found.total_usd == 10.0


def test_what_nobody_can_know_has_a_price_and_no_sum() -> None:
    found = estimate({Priced.EGRESS: None}, {Priced.EGRESS: "Whatever leaves by it."})
    (line,) = found.lines
    assert (line.usd_per_unit, line.unit, line.quantity, line.usd) == (0.05, "GB", None, None)
    assert line.note == "Whatever leaves by it."
    assert found.total_usd is None


def test_everything_that_is_priced_has_a_price() -> None:
    assert PRICES.keys() == set(Priced)
    assert date(2026, 1, 1) < DATED
