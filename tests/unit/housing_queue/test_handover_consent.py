"""Whose data go along: what a consent covers, and of people of two akimats only this one's cases."""

import json

from queue_registry.models import (
    Akimat,
    Application,
    Consent,
    DataDispute,
    Fact,
    Person,
    QueueEntry,
    SourceAnswer,
    User,
)
from queue_registry.rules.facts import Source
from queue_registry.selectors import consents
from queue_registry.services import data_disputes
from tests import factories, whole_akimat
from tests.factories import AT, KATO, PersonFactory
from tests.unit.housing_queue.handing_over import (
    empty_installation,
    taken_in,
    written,
)

# Consent


def test_answers_without_a_consent_in_force_stay_where_they_were_asked(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    agreed = factories.waiting(town, day=1, family=(factories.HUSBAND, factories.SON))
    silent = factories.waiting(town, day=2, consented=False, family=(factories.HUSBAND, factories.SON))
    narrow = factories.waiting(town, day=3, consented=False)
    factories.consent(narrow.applicant, scope=["egkn"])
    ended = factories.waiting(town, day=4, consented=False)
    factories.consent(ended.applicant, until=AT)
    whole_akimat.handed_over(town)
    people = {
        "agreed": agreed.applicant,
        "her husband": agreed.application.members.order_by("pk").first().person,
        "her son": agreed.application.members.order_by("pk").last().person,
        "silent": silent.applicant,
        "his son": silent.application.members.order_by("pk").last().person,
        "narrow": narrow.applicant,
        "ended": ended.applicant,
    }
    folder = written(town, tmp_path / "handover")
    withheld = json.loads((folder / "manifest.json").read_bytes())["withheld_answers"]
    answers = SourceAnswer.objects.filter(person__in=people.values()).count()
    empty_installation(settings, tmp_path / "new")

    taken_in(folder)

    def sources(name):
        return set(SourceAnswer.objects.filter(person=people[name].pk).values_list("source", flat=True))

    everything = {source.value for source in Source}
    assert sources("agreed") == sources("her husband") == sources("her son") == everything
    assert sources("silent") == sources("his son") == sources("ended") == set(consents.WITHOUT)
    assert sources("narrow") == {"egkn", *consents.WITHOUT}
    assert not Fact.objects.filter(person__in=[people["silent"].pk, people["ended"].pk]).exclude(
        answer__source__in=consents.WITHOUT
    )
    assert withheld > 0
    assert SourceAnswer.objects.filter(person__in=[one.pk for one in people.values()]).count() < answers
    # Nobody lost a place by it.
    assert QueueEntry.objects.count() == 4


def test_what_is_settled_about_an_answer_that_stays_is_handed_over_without_it(
    transactional_db, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    entry = factories.waiting(town, day=1, consented=False)
    answer = entry.applicant.answers.get(source="egkn")
    about = {"application_id": entry.application_id, "person_id": entry.applicant_id, "fact_id": None}
    settled = data_disputes.open_dispute(answer_id=answer.pk, claim="x", at=AT, **about)
    data_disputes.settle(dispute_id=settled.pk, outcome="STANDS", decision="x", by=town.clerk, at=AT)
    data_disputes.open_dispute(answer_id=answer.pk, claim="y", at=AT, **about)
    of_nobody = data_disputes.open_dispute(answer_id=None, claim="z", at=AT, **about)
    whole_akimat.handed_over(town)
    folder = written(town, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")

    taken_in(folder)

    assert dict(DataDispute.objects.values_list("pk", "answer")) == {settled.pk: None, of_nobody.pk: None}


# A shared installation


def test_only_the_rows_of_the_akimat_leave_and_people_of_two_akimats_keep_their_other_cases(
    transactional_db, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    shared = factories.waiting(town, day=1).applicant
    other = Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    foreign = Application.objects.create(
        akimat=other,
        running_number=1,
        file_number="231010-0000001-0",
        applicant=shared,
        applicant_name="x",
        origin="DESK",
        entered_by=town.clerk,
        entered_at=AT,
    )
    given_there = factories.consent(shared, application=foreign)
    stranger = PersonFactory()
    User.objects.create(username="stranger")
    whole_akimat.handed_over(town)
    folder = written(town, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")

    taken_in(folder)

    assert [akimat.kato for akimat in Akimat.objects.all()] == [KATO]
    assert not Application.objects.filter(pk=foreign.pk).exists()
    assert Consent.objects.get(pk=given_there.pk).application_id is None
    assert not Person.objects.filter(pk=stranger.pk).exists()
    assert not User.objects.filter(username="stranger").exists()
