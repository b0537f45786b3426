"""The protocol says all of a sitting in both languages, and made again it is the same file."""

import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pgtrigger
import pytest

from allocation import presenters
from allocation.documents import figures
from allocation.models import (
    AllocationLine,
    AllocationRound,
    AllocationRun,
    Bundle,
    Decision,
    Departure,
    DepartureVote,
    Dwelling,
    RoundDocument,
    RoundDwelling,
    Sitting,
    SittingMember,
    Vote,
)
from allocation.rules.floors import floor_sum
from allocation.services import protocols
from queue_registry.documents import typesetting
from queue_registry.models import (
    Akimat,
    Application,
    AuditEvent,
    Person,
    PolicyVersion,
    User,
    WaitingList,
)
from queue_registry.services import registrations

ROUNDS = Path(__file__).resolve().parents[3] / "data" / "rounds"
AT = datetime(2026, 9, 2, 5, 30, tzinfo=UTC)
IIN = "851231100002"
REASON = "#panic() *жұлдыз* $x$ <script> // әғқңөұүһі"
POLICY = {
    "code": "akimat-2022",
    "tiers": [
        {"kind": "first_right", "lists": ["1"], "basis": "law", "act": "art 74(2)"},
        {
            "kind": "floor",
            "lists": ["2"],
            "share": "1/5",
            "period": "year",
            "basis": "law",
            "act": "art 74(2)",
        },
    ],
    "fit": {"min_area": {"value": "15", "basis": "law", "act": "art 75"}},
    "income": {
        "below": {"value": {"3": "3.1", "4": "3.1"}, "basis": "law", "act": "art 68"},
        "exempt_flags": {"value": ["disabled_child"], "basis": "law", "act": "art 68"},
    },
    "ladder": [{"rung": "rent", "limit": "1", "basis": "letter", "act": "ref. 200"}],
    "commission": {"quorum": {"value": "2/3", "basis": "ours", "act": "no text found"}},
    "subsistence_minimum": [
        {"from": "2025-01-01", "tenge": "46228", "basis": "law", "act": "budget 2025"},
        {"from": "2026-01-01", "tenge": "50851", "basis": "law", "act": "budget 2026"},
        {"from": "2027-01-01", "tenge": "55555", "basis": "law", "act": "budget 2027"},
    ],
}


def canonical_gzip(document: object) -> tuple[bytes, str]:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    return gzip.compress(text.encode(), mtime=0), hashlib.sha256(text.encode()).hexdigest()


def bundle_bytes() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        manifest = {"sha256": {"input.json": "0" * 64, "engine/run.py": "1" * 64, "__main__.py": "2" * 64}}
        archive.writestr("manifest.json", json.dumps(manifest))
    return content.getvalue()


def staff(username: str, last_name: str, person: Person | None = None) -> User:
    return User.objects.create_user(
        username, password="x", last_name=last_name, first_name="Айгүл", person=person
    )


def stored_round(akimat: Akimat, secretary: User, example: str) -> AllocationRun:
    """A run of one of the contract's examples, its dwellings known by their keys."""
    policy = PolicyVersion.objects.create(
        code="akimat-2022",
        in_force_from=date(2022, 4, 15),
        act="Housing Law No 94",
        document=POLICY,
        sha256="d" * 64,
        drafted_by=secretary,
        drafted_at=AT,
    )
    texts = [(ROUNDS / f"{example}.{part}.json").read_text() for part in ("input", "result")]
    for item in json.loads(texts[0])["dwellings"]:
        dwelling = Dwelling.objects.create(
            akimat=akimat,
            number=f"Пәтер-{item['id']}",
            address_kk="x",
            address_ru="x",
            rooms=item["rooms"],
            area=item["area"],
            floor=item["floor"],
            lift=item["lift"],
            accessible=item["accessible"],
            state_since=AT,
            idle_since=AT,
        )
        texts = [text.replace(f'"{item["id"]}"', f'"{dwelling.number}"') for text in texts]
    (input_bytes, input_sha), (result_bytes, result_sha) = (canonical_gzip(json.loads(t)) for t in texts)
    round_ = AllocationRound.objects.create(
        akimat=akimat,
        number="R-2026-1",
        policy=policy,
        opened_at=AT,
        opened_by=secretary,
        frozen_at=AT,
        frozen_by=secretary,
        input=input_bytes,
        input_sha256=input_sha,
        trail_head="e" * 64,
    )
    for dwelling in Dwelling.objects.all():
        RoundDwelling.objects.create(round=round_, dwelling=dwelling)
    run = AllocationRun.objects.create(
        round=round_,
        requested_at=AT,
        requested_by=secretary,
        executed_at=AT,
        engine="1.0.0",
        result=result_bytes,
        result_sha256=result_sha,
    )
    Bundle.objects.create(run=run, form="FULL", content=bundle_bytes(), sha256="b" * 64, made_at=AT)
    return run


def sitting_of(run: AllocationRun, secretary: User) -> Sitting:
    sitting = Sitting.objects.create(
        akimat=run.round.akimat,
        run=run,
        number=3,
        convened_at=AT,
        convened_by=secretary,
        quorum_numerator=2,
        quorum_denominator=3,
    )
    person = Person.objects.create(iin=IIN, last_name="Сейітова")
    names = ("Құрманова", "Әбдіхалықова", "Өтегенова", "Үсенова", "Сейітова")
    for index, name in enumerate(names):
        recused = index == 4
        member = SittingMember.objects.create(
            sitting=sitting,
            user=staff(f"member{index}", name, person if recused else None),
            is_chair=index == 0,
            family_known=recused,
            recusal_ground="RELATIVE" if recused else "",
            recusal_detail={"file_numbers": ["271010-0000007-3"], "count": 3, "degree": 1} if recused else {},
        )
        if index < 3:
            choice = "AGAINST" if index == 2 else "FOR"
            Vote.objects.create(
                sitting=sitting,
                member=member,
                choice=choice,
                reason=REASON if choice == "AGAINST" else "",
                cast_at=AT + timedelta(minutes=index),
            )
    return sitting


def decide(sitting: Sitting, outcome: str = "CONFIRMED") -> None:
    Decision.objects.create(
        sitting=sitting,
        outcome=outcome,
        input_sha256=sitting.run.round.input_sha256,
        result_sha256=sitting.run.result_sha256,
        arithmetic={
            "entitled": 5,
            "recused": 1,
            "needed": 3,
            "voted": 3,
            "for": 2,
            "against": 1,
            "abstained": 0,
        },
        decided_at=AT + timedelta(minutes=40),
        decided_by=sitting.members.get(is_chair=True).user,
    )


@pytest.fixture
def undecided(db: None) -> Sitting:
    akimat = Akimat.objects.create(kato="271010000", name_kk="Орал қаласының әкімдігі", name_ru="Акимат")
    secretary = staff("secretary", "Жұмабаева")
    return sitting_of(stored_round(akimat, secretary, "08-mixed"), secretary)


@pytest.fixture
def sitting(undecided: Sitting) -> Sitting:
    decide(undecided)
    return undecided


def stored_input(sitting: Sitting) -> dict:
    return json.loads(gzip.decompress(bytes(sitting.run.round.input)))


def text_of(document: dict) -> str:
    return json.dumps(document["sections"], ensure_ascii=False)


def blocks_of(document: dict, kind: str) -> list[dict]:
    return [block for section in document["sections"] for block in section["blocks"] if block["kind"] == kind]


def test_protocol_is_refused_before_the_decision(undecided: Sitting) -> None:
    with pytest.raises(protocols.NotDecided):
        protocols.make(sitting_id=undecided.pk, language="kk", at=AT)


@pytest.mark.parametrize("language", protocols.LANGUAGES)
def test_protocol_is_stored_once_and_compares_equal_when_made_again(sitting: Sitting, language: str) -> None:
    first = protocols.make(sitting_id=sitting.pk, language=language, at=AT)

    again = protocols.make(sitting_id=sitting.pk, language=language, at=AT + timedelta(days=1))

    assert again.pk == first.pk
    assert hashlib.sha256(bytes(again.content)).hexdigest() == again.sha256
    assert AuditEvent.objects.filter(event="protocol.made").count() == 1


def test_protocol_that_would_have_other_bytes_is_reported_and_not_replaced(sitting: Sitting) -> None:
    stored = protocols.make(sitting_id=sitting.pk, language="ru", at=AT)
    Akimat.objects.update(name_ru="Другое название")

    with pytest.raises(protocols.ProtocolDiffers, match=stored.sha256):
        protocols.make(sitting_id=sitting.pk, language="ru", at=AT)

    assert sitting.protocols.get().sha256 == stored.sha256


def test_another_process_makes_the_same_bytes(sitting: Sitting, tmp_path: Path) -> None:
    document = protocols.document(sitting, "kk")
    (tmp_path / "document.json").write_text(json.dumps(document))
    program = (
        "import hashlib, json, sys; from pathlib import Path;"
        "from queue_registry.documents import typesetting;"
        "document = json.loads(Path(sys.argv[1]).read_text());"
        "print(hashlib.sha256(typesetting.pdf(document)).hexdigest())"
    )

    other = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "document.json")],
        cwd=ROUNDS.parents[2],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/Lima"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert other.stdout.strip() == hashlib.sha256(typesetting.pdf(document)).hexdigest()


def test_file_is_pdf_a_2b_in_its_own_fonts(sitting: Sitting) -> None:
    content = typesetting.pdf(protocols.document(sitting, "kk"))

    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in content
    fonts = set(re.findall(rb"/FontName ?/[A-Z]{6}\+([A-Za-z-]+)", content))
    assert fonts == {b"GolosText-Regular", b"GolosText-Bold"}


def test_what_a_person_typed_is_never_read_as_markup(sitting: Sitting) -> None:
    document = protocols.document(sitting, "kk")

    content = typesetting.pdf(document)

    assert REASON in text_of(document)
    assert content.startswith(b"%PDF-1.7")


def test_no_iin_stands_in_the_protocol(sitting: Sitting) -> None:
    text = text_of(protocols.document(sitting, "ru"))

    assert IIN not in text
    assert not re.search(r"(?<![0-9a-f])[0-9]{12}(?![0-9a-f])", text)


def test_both_languages_say_the_same_with_their_own_address(sitting: Sitting) -> None:
    kk, ru = (protocols.document(sitting, language) for language in protocols.LANGUAGES)

    assert [[block["kind"] for block in section["blocks"]] for section in kk["sections"]] == [
        [block["kind"] for block in section["blocks"]] for section in ru["sections"]
    ]
    assert [len(block["rows"]) for block in blocks_of(kk, "table")] == [
        len(block["rows"]) for block in blocks_of(ru, "table")
    ]
    (kk_code,), (ru_code,) = blocks_of(kk, "code"), blocks_of(ru, "code")
    assert kk_code["url"].endswith(f"/kk/rounds/{sitting.run.round_id}/")
    assert ru_code["url"].endswith(f"/ru/rounds/{sitting.run.round_id}/")
    assert kk_code["svg"] != ru_code["svg"]


def test_every_allotment_and_every_passed_over_entry_stands_in_it_once(sitting: Sitting) -> None:
    result = json.loads(gzip.decompress(bytes(sitting.run.result)))
    document = protocols.document(sitting, "kk")

    allotments = next(block for block in blocks_of(document, "table") if len(block["columns"]) == 7)
    assert [row[1] for row in allotments["rows"]] == [row["file_no"] for row in result["allotments"]]
    witnesses = 2 * len(result["witnesses"])
    groups = blocks_of(document, "numbers")[: -witnesses or None]
    printed = sorted(item.partition("·")[2].strip() for block in groups for item in block["items"])
    file_numbers = {entry["id"]: entry["file_no"] for entry in stored_input(sitting)["entries"]}
    assert printed == sorted(file_numbers[row["entry"]] for row in result["passed_over"])


def test_digests_of_all_that_the_decision_rests_on_are_printed(sitting: Sitting) -> None:
    (digests,) = blocks_of(protocols.document(sitting, "ru"), "digests")

    source = hashlib.sha256(f"{'2' * 64}  __main__.py\n{'1' * 64}  engine/run.py\n".encode()).hexdigest()
    assert [digest for _name, digest in digests["rows"]] == [
        sitting.run.round.input_sha256,
        sitting.run.result_sha256,
        "b" * 64,
        source,
        "d" * 64,
        "e" * 64,
    ]


def test_only_the_subsistence_minimum_in_force_at_the_freeze_is_printed(sitting: Sitting) -> None:
    assert stored_input(sitting)["round"]["frozen_at"].startswith("2026-")

    text = text_of(protocols.document(sitting, "ru"))

    assert "50\N{NO-BREAK SPACE}851" in text
    assert "50851" not in text
    for other in ("46228", "46\N{NO-BREAK SPACE}228", "55555", "55\N{NO-BREAK SPACE}555"):
        assert other not in text


def test_dissent_recusal_and_absence_are_told_apart(sitting: Sitting) -> None:
    document = protocols.document(sitting, "ru")

    members = next(block for block in blocks_of(document, "table") if len(block["rows"]) == 5)
    assert len({row[2] for row in members["rows"]}) == 3
    assert "271010-0000007-3" in text_of(document)


@pytest.mark.parametrize(
    ("period", "parts"),
    [
        ("batch", ("1/5 × 7 = 7/5", ": 2;", ": 0;", ": 1")),
        ("year", ("1/5 × (10 + 7) = 17/5", ": 4;", ": 3;", ": 1")),
    ],
)
def test_arithmetic_of_a_floor_follows_its_period(period: str, parts: tuple[str, ...]) -> None:
    rule = {"kind": "floor", "lists": ["2"], "share": "1/5", "period": period}

    year = {"distributed": 10, "lists": {"2": {"owed": "0", "by_share": 0, "received": 3}}}
    frozen = {"dwellings": [{"id": str(number)} for number in range(7)], "year_to_date": year}
    result = {"allotments": [{"tier": 0, "list": "2"}, {"tier": 1, "list": "2"}]}

    text = presenters.floor_sum(floor_sum(rule=rule, tier=1, frozen=frozen, result=result))

    start = 0
    for part in parts:
        start = text.index(part, start) + len(part)
    assert start == len(text)


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        ("0", "0,0000"),
        ("55/3", "18,3333"),
        ("466675/18523", "25,1944"),
        ("1/20000", "0,0001"),
        ("1/20001", "0,0000"),
        ("-1/20000", "-0,0001"),
        ("-1/20001", "0,0000"),
        ("-55/3", "-18,3333"),
        ("2999999999/1000", "2\N{NO-BREAK SPACE}999\N{NO-BREAK SPACE}999,9990"),
        (Fraction(1, 3), "0,3333"),
    ],
)
def test_a_fraction_is_rounded_half_away_from_zero(fraction: str, text: str) -> None:
    assert figures.rounded(fraction) == text


def test_a_fraction_too_long_for_a_column_says_how_long_it_is() -> None:
    assert figures.exact("466675/18523") == "466675/18523"
    assert figures.exact("-" + "1" * 20 + "/" + "3" * 21) == "…/… (20:21)"


def test_a_departure_stands_in_the_protocol_with_ground_vote_and_who_is_passed_over(sitting: Sitting) -> None:
    run = sitting.run
    document = RoundDocument.objects.create(
        round=run.round, title="Сот актісі 7", added_by=sitting.convened_by, added_at=AT
    )
    departure = Departure.objects.create(
        sitting=sitting,
        line=served_line(run),
        ground=Departure.Ground.COURT_ACT,
        explanation=REASON,
        document=document,
        passed_over=["271010-0000007-3/4", "271010-0000008-1/4"],
        proposed_by=sitting.convened_by,
        proposed_at=AT,
        is_carried=True,
        arithmetic={"for": 2, "against": 1, "abstained": 0},
    )
    dissenter = sitting.members.get(vote__choice="AGAINST")
    DepartureVote.objects.create(
        departure=departure, member=dissenter, choice="AGAINST", reason="Қарсымын", cast_at=AT
    )

    kk, ru = (text_of(protocols.document(sitting, language)) for language in protocols.LANGUAGES)

    for said in ("Сот актісі 7", "Қарсымын", "271010-0000008-1", "271010-0000007-3"):
        assert said in kk
        assert said in ru
    assert json.dumps(REASON, ensure_ascii=False)[1:-1] in kk


def served_line(run: AllocationRun) -> AllocationLine:
    """A line that got a dwelling, of an invented entry."""
    akimat = run.round.akimat
    waiting_list = WaitingList.objects.create(akimat=akimat, number="4")
    person = Person.objects.create(iin="851231100010", last_name="Ойдан")
    application = Application.objects.create(
        akimat=akimat,
        applicant=person,
        applicant_name="Ойдан",
        running_number=7,
        file_number="271010-0000007-3",
        origin="DESK",
        entered_by=run.requested_by,
        entered_at=AT,
    )
    (entry,) = registrations.register_many(
        akimat=akimat,
        registrations=[
            registrations.Registration(application=application, waiting_list=waiting_list, registered_at=AT)
        ],
        by=run.requested_by,
        at=AT,
        ground="APPLICATION",
    )
    return AllocationLine.objects.create(
        run=run,
        entry=entry,
        list_number="4",
        place=1,
        registered_at=AT,
        dwelling=Dwelling.objects.order_by("pk").first(),
        tier=0,
        turn=1,
        level="norm",
    )


def test_silent_registers_are_named_with_the_days_on_which_they_were_asked(sitting: Sitting) -> None:
    """Frozen rounds never change, so the database's guard stands aside for the test."""
    unanswered = {"271010-0000009-0/4": [{"source": "egkn", "asked_on": ["2026-08-26", "2026-08-27"]}]}
    with pgtrigger.ignore("allocation.AllocationRound:frozen_never_changes"):
        AllocationRound.objects.update(unanswered=unanswered)

    text = text_of(protocols.document(sitting, "ru"))

    assert "271010-0000009-0" in text
    assert "26.08.2026, 27.08.2026" in text
