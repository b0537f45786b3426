"""From red to green in a real browser, comparing by the keyboard; a citizen's receipt without scripts."""

import pytest
from django.utils import timezone

from housing_queue import founding
from queue_registry.models import Akimat, ListSeal, StaffMembership, User, WaitingList
from queue_registry.rules.digitization.gate import Light
from queue_registry.selectors.gate import get_gate
from queue_registry.services import reconciliations
from queue_registry.views import look_up_limits
from tests import desk_steps as steps
from tests import factories
from tests.desk_steps import kk, press, show
from tests.unit.queue_registry.services import gating

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AT = factories.AT


@pytest.fixture
def town(transactional_db, settings):
    """An akimat whose installation lives in the days of its invented register."""
    settings.DEMO = True
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    made = factories.town()
    founding.set_demo_clock(lives_at=AT, machine_now=timezone.now())
    return made


@pytest.fixture
def people(town, new_page, live_server):
    """Opens the browser of a member of staff, signed in by the page: people("supervisor", width=360)."""

    def sign_in(name, **screen):
        return steps.sign_in(new_page(base_url=live_server.url, **screen), name, town.passwords[name])

    return sign_in


def test_three_people_bring_an_akimat_from_red_to_green(town, people, pictures):
    entries = [factories.waiting(town, day=day) for day in (1, 2, 3)]
    gating.checked_lately(town, entries)
    gating.head_sealed(town)
    supervisor, second, chair = people("supervisor"), people("clerk2"), people("chair", width=360)

    supervisor.goto("/desk/gate/")
    show(supervisor, pictures, "gate-red")
    supervisor.get_by_role("link", name=kk("Draw a sample and compare it to its end")).first.click()
    press(supervisor, "Draw")
    show(supervisor, pictures, "sample-drawn")

    steps.compare_by_keyboard(
        second, supervisor.url, entries=3, show=lambda name: show(second, pictures, name)
    )
    steps.open_gate(supervisor, chair, show=lambda name: show(chair, pictures, name))
    supervisor.goto("/desk/gate/")
    show(supervisor, pictures, "gate-green")
    assert get_gate(town.akimat, at=AT).light is Light.GREEN


def test_pages_fit_a_telephone_and_tell_a_region_its_gates(town, people, new_page, live_server, pictures):
    gating.opened(town)
    other = Akimat.objects.create(
        kato="272010000", name_kk="Ойдан қаласының әкімдігі", name_ru="Акимат Вымышленного"
    )
    WaitingList.objects.create(akimat=other, number="5")
    region = Akimat.objects.create(kato="270000000", name_kk="Облыс әкімдігі", name_ru="Акимат области")
    StaffMembership.objects.create(
        user=User.objects.get(username="auditor"), akimat=region, role="AUDITOR", from_on=factories.ON
    )
    told = {"akimat": town.akimat, "by": town.clerk, "at": AT}
    reconciliations.state_total(stated=12, as_of=factories.ON, document="Letter 3", **told)
    for width in (360, 1280):
        clerk = people("clerk", width=width)
        for name in ("gate", "reconciliation", "samples"):
            clerk.goto(f"/desk/{name}/")
            show(clerk, pictures, name)
        auditor = people("auditor", width=width)
        auditor.goto("/desk/gates/")
        show(auditor, pictures, "gates")
        auditor.goto("/desk/gates/?region=27")
        show(auditor, pictures, "gates-region")
        public = new_page(base_url=live_server.url, width=width)
        public.goto("/kk/seals/")
        show(public, pictures, "seals")


def test_a_citizen_takes_the_receipt_home_without_scripts(town, new_page, live_server, pictures, tmp_path):
    (entry, *_) = gating.opened(town)
    page = new_page(base_url=live_server.url, width=360, javascript=False)

    def photograph(name):
        page.screenshot(path=pictures / f"{name}-360.png", full_page=True)

    file = tmp_path / "receipt.json"
    steps.take_receipt(page, file_number=entry.file_number, iin=entry.applicant.iin, to=file, show=photograph)

    assert entry.file_number in steps.verified(file, root=ListSeal.objects.get().root)
