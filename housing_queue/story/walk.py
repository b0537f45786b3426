"""
The whole main job without a person: from three legacy lists to a home, by the services, worker, gateway
and pages that people use.

Each step prints its figures, notes its seconds, and checks what it claims; the first that does not hold
ends the story.
"""

import hashlib
import io
import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import OutputWrapper

from allocation import engine_io
from allocation.models import AllocationRun, Dwelling, Sitting
from allocation.services import dwellings
from housing_queue import demo_telephones, founding
from housing_queue.story import (
    bundles,
    citizens,
    commission,
    distribution,
    folder,
    keys,
    later_rounds,
    offers,
    old_lists,
    old_questions,
    report,
    waiting,
)
from housing_queue.story.browser import Browser
from housing_queue.story.expecting import expect
from housing_queue.story.story import OPENING, Story
from queue_registry.formats import ALMATY
from queue_registry.models import QueueEntry
from queue_registry.selectors import clock, invariants, trail

_QUOTA_SHARE = 4  # list 3 gets a quarter of the dwellings


def walk(
    *, at_folder: Path, base_url: str, results: Path, machine_now: Callable[[], datetime], out: OutputWrapper
) -> Story:
    """Walk the story on a fresh database and leave inputs, outputs and the story's figures in `results`."""
    world = folder.world(at_folder)
    lists = folder.lists(at_folder)
    lives_at = datetime.combine(world.as_of, OPENING, tzinfo=ALMATY)
    founding.set_demo_clock(lives_at=lives_at, machine_now=machine_now())
    founded = founding.found(kato=world.akimat_kato, at=clock.now(), on=world.as_of)
    demo_telephones.tie_all(founded.staff.values(), at=clock.now(), clock=time.time)
    founding.make_signing_keys()
    story = Story(
        folder=at_folder,
        base_url=base_url,
        results=results,
        out=out,
        founded=founded,
        machine_now=machine_now,
    )
    out.write(f"{founded.akimat.name_ru} ({world.akimat_kato}), as of {world.as_of}, {results}")
    import_lists(story, lists)
    ask_registers(story)
    take_stock(story)
    run = distribute(story)
    sitting = sit(story, run)
    publish(story, sitting)
    keys.sign(story, sitting)
    keys.decide(story, sitting)
    later_rounds.depart(story)
    offers.answer(story, run)
    keys.conclude(story, sitting)
    later_rounds.lend(story)
    decide_old_questions(story)
    citizens.look_up(story)
    later_rounds.check(story)
    verify(story)
    report.write(
        story.results,
        as_of=world.as_of,
        figures=story.figures,
        seconds=story.seconds,
    )
    return story


def import_lists(story: Story, lists: dict[str, Path]) -> None:
    """A clerk uploads the three lists, the registers say who is who, a supervisor lets them count."""
    with story.step(
        "import", "Legacy lists: a clerk uploads, the registers say who is who, a supervisor confirms"
    ):
        old_lists.put_in(story, lists)
        waiting.until_checked(story.out)
        old_lists.confirm(story)


def ask_registers(story: Story) -> None:
    """Let the worker ask the state's systems about every household, and judge every entry."""
    with story.step("checks", "State systems: every household is asked about, every entry judged"):
        waiting.until_checked(story.out)
        standing = QueueEntry.objects.filter(akimat=story.akimat).active()
        judged = standing.filter(assessment__isnull=False)
        expect(
            judged.count() == standing.count(),
            f"{standing.count()} entries stand, {judged.count()} are judged",
        )
        story.figures |= {"entries_standing": standing.count(), "verdicts": report.verdicts(story.akimat)}
        _take_import_report(story)
        story.say(f"{standing.count()} entries stand; {story.figures['verdicts']}")


def _take_import_report(story: Story) -> None:
    written = io.StringIO()
    call_command("import_report", akimat=story.akimat.kato, json=True, stdout=written)
    (story.results / report.IMPORT_REPORT).write_text(written.getvalue())
    rows = [json.loads(line) for line in written.getvalue().splitlines()]
    story.figures |= report.of_import(rows, applicants=story.akimat.applications.count())


def take_stock(story: Story) -> None:
    """Take the dwellings into the stock."""
    with story.step("stock", "Dwellings come into the stock"):
        applicants = story.akimat.applications.count()
        ready = folder.dwellings(story.folder, applicants=applicants)
        dwellings.add_many(
            akimat=story.akimat,
            dwellings=ready,
            by=story.founded.staff["clerk"],
            at=clock.now(),
            document="Acceptance act",
        )
        story.figures["dwellings"] = len(ready)
        story.say(f"{len(ready)} dwellings for {applicants} applicants")


def distribute(story: Story) -> AllocationRun:
    """
    A clerk opens a round of all ready dwellings, freezes it and asks for the distribution; the worker runs
    it.
    """
    with story.step("round", "Distribution: a clerk opens a round, freezes it, the worker runs the engine"):
        ready = list(
            Dwelling.objects.filter(akimat=story.akimat, state=Dwelling.State.READY).order_by("number")
        )
        run = distribution.work_out(
            story, address="/desk/rounds/open/", homes=ready, quota=len(ready) // _QUOTA_SHARE
        )
        _expect_everyone_accounted_for(story, run)
    return run


def _expect_everyone_accounted_for(story: Story, run: AllocationRun) -> None:
    result = engine_io.parsed(run.result)
    homes, kept = len(result["allotments"]), len(result["unallotted"])
    put_in = run.round.round_dwellings.count()
    expect(homes + kept == put_in, f"{homes} allotted and {kept} left do not make {put_in} dwellings")
    expect(all(line["code"] for line in result["passed_over"]), "somebody was passed over without a code")
    for tier in result["tiers"]:
        for share in tier.get("lists", ()):
            of_list = f"list {share['list']}: {share['count']} wait, share {share['share']}"
            story.say(f"{of_list}, {share['seats']} seats, {share['served']} served")
    story.figures |= report.outcome(result)
    story.say(
        f"{homes} homes allotted, {kept} left, {len(result['passed_over'])} passed over, each with a code"
    )


def sit(story: Story, run: AllocationRun) -> Sitting:
    """The secretary convenes the commission; every member votes on the page; the chair confirms."""
    with story.step(
        "sitting", "The commission: convened by the secretary, votes on the page, confirmed by the chair"
    ):
        sitting = commission.convene(story, run)
        story.say(commission.vote(story, sitting))
    return sitting


def publish(story: Story, sitting: Sitting) -> None:
    """
    Take input, result, bundle and both protocols as the commission can, and verify the bundle with plain
    Python.
    """
    with story.step(
        "publish", "Protocol in two languages; bundle, verified by plain Python in an empty folder"
    ):
        chair, run = story.browser_of("chair"), sitting.run
        desk = f"/admin/allocation/sitting/{sitting.pk}"
        files = {
            "bundle.zip": chair.get(f"{desk}/bundle.zip").content,
            "protocol-kk.pdf": chair.get(f"{desk}/protocol-kk.pdf").content,
            "protocol-ru.pdf": chair.get(f"{desk}/protocol-ru.pdf").content,
            "input.json": engine_io.unpack(run.round.input),
            "result.json": engine_io.unpack(run.result),
        }
        for name, content in files.items():
            (story.results / name).write_bytes(content)
        for language in ("kk", "ru"):
            expect(
                files[f"protocol-{language}.pdf"].startswith(b"%PDF-"), f"protocol-{language}.pdf is no PDF"
            )
        digest = hashlib.sha256(files["bundle.zip"]).hexdigest()
        story.say(f"bundle {digest}: {bundles.verified(files['bundle.zip'])}")
        public = Browser(story.base_url).get(f"/kk/rounds/{run.round_id}/")
        expect(
            run.result_sha256 in public.content.decode(), "the public page does not show the result's digest"
        )


def decide_old_questions(story: Story) -> None:
    """What the old lists left to a person is decided with a document, after the round."""
    with story.step("decisions", "Old lists: a clerk decides what is open, a supervisor approves a day"):
        old_questions.answer(story)


def verify(story: Story) -> None:
    """Walk the trail and look for impossible states."""
    with story.step("verify", "The trail is whole, and the register has no impossible state"):
        chain = trail.walk(story.akimat.kato)
        expect(not chain.fault, f"the trail is broken: {chain.fault}")
        broken = invariants.impossible()
        expect(not broken, f"the register is broken: {[item.rule for item in broken]}")
        story.figures["trail"] = {"rows": chain.links, "head": chain.sha256}
        story.say(f"{chain.links} records, head {chain.sha256}")
