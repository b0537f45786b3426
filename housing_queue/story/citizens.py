"""Citizens of the story look their places up."""

from housing_queue.story.browser import Browser, Page
from housing_queue.story.expecting import expect
from housing_queue.story.story import Story
from queue_registry.models import Person, QueueEntry
from queue_registry.rules.file_number import file_number
from queue_registry.selectors import queue

_NOBODYS_IIN = "851231100002"  # of a century in which nobody alive was born


def look_up(story: Story) -> None:
    """Citizens look their places up; the page shows what the register has, and tells strangers nothing."""
    with story.step("citizen", "Citizens: the page over HTTP shows the place that the register has"):
        entries = QueueEntry.objects.filter(akimat=story.akimat, status="WAITING").in_order()
        for language, entry in zip(("kk", "ru"), (entries.first(), entries.last()), strict=True):
            if entry is None:
                continue
            page = _place_page(story, language, entry.file_number, entry.applicant.iin)
            place = queue.place_of(entry)
            shown = page.document.xpath("//*[@class='kz-place']")
            expect(shown, f"/{language}/ shows no place of {entry.file_number}: {page.status}")
            digits = "".join(filter(str.isdigit, shown[0].text_content()))
            expect(digits == str(place), f"{entry.file_number}: the page says {digits}, the register {place}")
            story.say(f"/{language}/ {entry.file_number}: place {place}")
        _expect_strangers_learn_nothing(story, entries.first())


def _expect_strangers_learn_nothing(story: Story, entry: QueueEntry | None) -> None:
    if entry is None:
        return
    other = Person.objects.filter(applications__akimat=story.akimat).exclude(pk=entry.applicant_id).first()
    wrong_iin = _place_page(story, "kk", entry.file_number, other.iin if other else _NOBODYS_IIN)
    unknown = _place_page(
        story, "kk", file_number(kato=story.akimat.kato, running_number=9_999_999), entry.applicant.iin
    )
    expect(
        (wrong_iin.status, wrong_iin.text) == (unknown.status, unknown.text),
        "a wrong IIN and an unknown number are answered differently",
    )


def _place_page(story: Story, language: str, number: str, iin: str) -> Page:
    citizen = Browser(story.base_url)
    return citizen.fill(citizen.get(f"/{language}/"), file_number=number, iin=iin)
