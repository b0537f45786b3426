"""The protocol, made from the rows by two more processes that agree in nothing else, is the stored file."""

import hashlib
import os
import subprocess
import sys

import pytest

from allocation.services import protocols
from tests import factories
from tests.running import url_of_test_database
from tools.environment import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

PROGRAM = """
import hashlib, sys
import django
django.setup()
from allocation.models import Sitting
from allocation.services import protocols
from queue_registry.documents import typesetting
document = protocols.document(Sitting.objects.get(), sys.argv[1])
print(hashlib.sha256(typesetting.pdf(document)).hexdigest())
"""


def made_by_another_process(language, **environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, language],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url_of_test_database(), "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("language", protocols.LANGUAGES)
def test_two_other_processes_make_the_stored_bytes(language):
    town = factories.town()
    register = factories.register(town)
    decision = factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)

    stored = protocols.make(sitting_id=decision.sitting_id, language=language, at=factories.AT)

    digests = {
        made_by_another_process(language, PYTHONHASHSEED="1", TZ="America/Lima", LC_ALL="C"),
        made_by_another_process(language, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C.UTF-8"),
    }
    assert digests == {stored.sha256}
    assert hashlib.sha256(bytes(stored.content)).hexdigest() == stored.sha256
