"""A fault profile: the same seed fails the same way, a wrong profile is refused by its path."""

import json

import pytest

from integrations.fakes.faults import Fault, ProfileError, load, quiet

CODES = ["egkn", "zags"]


def write(path, document):
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_a_systems_own_row_goes_before_the_star(tmp_path):
    rates = {"*": {"latency_ms": 5, "http_500": 0.5}, "egkn": {"http_500": 0, "down": True}}

    profile = load(write(tmp_path / "p.json", {"seed": 7, "sources": rates}), CODES)

    egkn, zags = profile.sources["egkn"], profile.sources["zags"]
    assert (egkn.latency_ms, egkn.http_500, egkn.down) == (5, 0, True)
    assert (zags.latency_ms, zags.http_500, zags.down) == (5, 0.5, False)


@pytest.mark.parametrize("fault", Fault)
def test_each_kind_is_drawn_as_often_as_its_rate_says(tmp_path, fault):
    profile = load(write(tmp_path / "p.json", {"seed": 7, "sources": {"*": {fault.value: 0.25}}}), CODES)

    drawn = [profile.draw("egkn", question=str(number), turn=0) for number in range(4_000)]

    assert set(drawn) == {fault, None}
    assert 850 < drawn.count(fault) < 1_150


def test_the_same_seed_draws_the_same_and_another_seed_another(tmp_path):
    def draws(seed):
        document = {"seed": seed, "sources": {"*": {"timeout": 0.5}}}
        profile = load(write(tmp_path / f"{seed}.json", document), CODES)
        return [profile.draw("egkn", question=str(number), turn=0) for number in range(50)]

    assert draws(7) == draws(7) != draws(8)


def test_asking_again_draws_again(tmp_path):
    profile = load(write(tmp_path / "p.json", {"sources": {"*": {"http_500": 0.5}}}), CODES)

    assert {profile.draw("egkn", question="q", turn=turn) for turn in range(40)} == {None, Fault.HTTP_500}


def test_a_quiet_profile_never_fails():
    assert quiet(CODES).draw("egkn", question="q", turn=0) is None


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("{", "can't be read as JSON"),
        ([], ": "),
        ({"sources": {"egkm": {}}}, "sources.egkm: no such system; known are egkn, zags"),
        ({"sources": {"egkn": {"http_500": 1.5}}}, "sources.egkn.http_500"),
        ({"sources": {"egkn": {"http_500": -0.1}}}, "sources.egkn.http_500"),
        ({"sources": {"egkn": {"slow": 1}}}, "sources.egkn.slow"),
        ({"sources": {"*": {"latency_ms": -1}}}, r"sources.\*.latency_ms"),
        ({"seed": "x"}, "seed"),
        ({"speed": 1}, "speed"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused_by_its_path(tmp_path, document, path):
    with pytest.raises(ProfileError, match=path):
        load(write(tmp_path / "p.json", document), CODES)
