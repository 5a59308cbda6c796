import pytest

from app.kit.etags import PreconditionFailed, entity_tag, is_known, require_match


@pytest.mark.parametrize("header", ['"7"', 'W/"7"', '"1", "7"', "*"])
def test_a_known_revision_is_recognised(header: str) -> None:
    assert is_known(header, 7)


@pytest.mark.parametrize("header", [None, "", "7", '"77"', '"1"'])
def test_another_revision_is_not_known(header: str | None) -> None:
    assert not is_known(header, 7)


@pytest.mark.parametrize("header", [None, '"7"', "*", '"6" , "7"'])
def test_a_change_of_the_current_revision_may_go_on(header: str | None) -> None:
    require_match(header, 7)


@pytest.mark.parametrize("header", ['"6"', 'W/"7"', "", "7"])
def test_a_change_of_another_revision_is_told_the_current_one(header: str) -> None:
    with pytest.raises(PreconditionFailed) as raised:
        require_match(header, 7)
    assert raised.value.headers["ETag"] == raised.value.members["current_etag"] == entity_tag(7)
