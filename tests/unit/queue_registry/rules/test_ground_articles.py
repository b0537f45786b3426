"""Articles of grounds are dated: a decision cites the edition of its day, and no ground is without one."""

from datetime import date, timedelta

import pytest

from queue_registry.rules.ground_articles import (
    GroundsFileError,
    article_of,
    doubt_of,
    editions,
    parse_edition,
)
from queue_registry.rules.reasons import (
    LegalBasis,
    RefusalGround,
    RegistrationChangeGround,
    RemovalGround,
    SuccessionGround,
    SuspensionGround,
)

KINDS = (
    RefusalGround,
    SuspensionGround,
    RemovalGround,
    RegistrationChangeGround,
    SuccessionGround,
    LegalBasis,
)


def written(**changes):
    sections = {
        "refusal": RefusalGround,
        "suspension": SuspensionGround,
        "removal": RemovalGround,
        "registration_change": RegistrationChangeGround,
        "succession": SuccessionGround,
        "basis": LegalBasis,
    }
    lines = ['code = "x"', "in_force_from = 2030-01-01", 'act = "An act"']
    for name, kind in sections.items():
        lines += [f"[{name}]", *(f'{ground} = "art 1"' for ground in kind)]
    text = "\n".join(lines)
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize("edition", editions(), ids=lambda edition: edition.code)
def test_every_ground_has_its_article_in_every_edition(edition):
    for kind in KINDS:
        for ground in kind:
            assert article_of(ground, on=edition.in_force_from) == edition.articles[kind, ground]


@pytest.mark.parametrize("ground", [RemovalGround.DECEASED, RemovalGround.CITIZENSHIP_LOST])
def test_a_decision_cites_the_edition_of_its_day_and_of_no_other(ground):
    first, second = editions()
    before = second.in_force_from - timedelta(days=1)

    assert article_of(ground, on=before) == "ours: the Law is silent"
    assert article_of(ground, on=second.in_force_from) == "art 73 of the edition in force since 2025"
    assert article_of(ground) == article_of(ground, on=date(2026, 9, 1))
    # What did not change is the same, and a day before all that we read has the first.
    assert article_of(RemovalGround.MOVED_AWAY, on=before) == "art 73(1)"
    earlier = first.in_force_from - timedelta(days=1)
    assert article_of(ground, on=earlier) == article_of(ground, on=first.in_force_from)


@pytest.mark.parametrize("ground", [RemovalGround.DECEASED, RemovalGround.CITIZENSHIP_LOST])
def test_what_is_not_certain_about_an_article_is_said_from_the_day_of_its_edition(ground):
    begins = date(2025, 5, 24)

    assert doubt_of(ground, on=begins - timedelta(days=1)) == ""
    assert "We read art 73 in the edition of 2026 alone" in doubt_of(ground, on=begins)
    assert doubt_of(ground) == doubt_of(ground, on=begins)
    assert doubt_of(RemovalGround.MOVED_AWAY, on=begins) == ""


def test_what_a_page_cites_without_a_ground_is_dated_too():
    assert article_of(LegalBasis.PROTECTED_UNTIL_HOUSED) == "art 73: protected until housed"
    assert article_of(LegalBasis.ORDER_OF_REGISTRATION) == "Housing Law, art 74: the order of registration"


def test_grounds_of_one_name_and_two_kinds_are_two():
    assert article_of(RefusalGround.FALSE_DATA) == "art 71"
    assert article_of(RemovalGround.FALSE_DATA) == "art 73(1)"


def test_a_whole_file_is_read():
    edition = parse_edition(written())

    assert (edition.code, edition.in_force_from, edition.doubts) == ("x", date(2030, 1, 1), {})
    assert len(edition.articles) == sum(map(len, KINDS))


@pytest.mark.parametrize(
    "change",
    [
        ('act = "An act"\n', ""),
        ('code = "x"', "code = "),
        ('NOT_CITIZEN = "art 1"\n', ""),
        ('NOT_CITIZEN = "art 1"', 'NOT_CITIZEN = "  "'),
        ('NOT_CITIZEN = "art 1"', "NOT_CITIZEN = 1"),
        ('NOT_CITIZEN = "art 1"', 'NOT_CITIZEN = "art 1"\nUGLY_FACE = "art 1"'),
        ("[succession]", "[successions]"),
        ("[basis]", '[doubt.removal]\nUGLY_FACE = "who knows"\n[basis]'),
        ("[basis]", '[doubt.removals]\nDECEASED = "who knows"\n[basis]'),
        ("[basis]", '[doubt.removal]\nDECEASED = " "\n[basis]'),
    ],
)
def test_a_file_that_lacks_or_invents_something_is_refused(change):
    with pytest.raises(GroundsFileError):
        parse_edition(written(change=change))
