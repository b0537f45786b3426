"""A fingerprint of all that verdicts on an akimat's queue rest on, worked out by the database alone."""

import hashlib
from typing import Final

from django.db import connection

from queue_registry.models import Akimat
from queue_registry.selectors.facts import held_sources

# A version of a row is told by its place in the table and by the transaction that wrote it: to write out its
# values takes three times as long. Where a table is written anew with nothing changed, all of it is compared.
_VERSIONS: Final = "count(*), sum(hashtidextended(t.ctid, hashxidextended(t.xmin, 0)))"
# Whoever is judged: applicants, those whom a list names, and those whom the civil acts name to an applicant.
# Facts are taken with those of earlier answers, on which no verdict rests: to tell them apart would take
# longer than all the rest.
_FINGERPRINT: Final = f"""
    WITH entries AS (
        SELECT id, applicant_id, application_id FROM queue_registry_queueentry WHERE akimat_id = %(akimat)s
    ), people AS MATERIALIZED (
        SELECT applicant_id AS id FROM entries
        UNION SELECT member.person_id FROM queue_registry_householdmember AS member
            JOIN entries ON entries.application_id = member.application_id
        UNION SELECT fact.relative_id FROM queue_registry_fact AS fact
            JOIN entries ON entries.applicant_id = fact.person_id
            WHERE fact.kind = 'KINSHIP' AND fact.relative_id IS NOT NULL
    )
    SELECT 'entries', {_VERSIONS} FROM queue_registry_queueentry AS t WHERE t.akimat_id = %(akimat)s
    UNION ALL SELECT 'answers', {_VERSIONS} FROM queue_registry_sourceanswer AS t
        JOIN people ON people.id = t.person_id WHERE t.superseded_at IS NULL
    UNION ALL SELECT 'facts', {_VERSIONS} FROM queue_registry_fact AS t JOIN people ON people.id = t.person_id
    UNION ALL SELECT 'members', {_VERSIONS} FROM queue_registry_householdmember AS t
        WHERE t.application_id IN (SELECT application_id FROM entries)
    UNION ALL SELECT 'consents', {_VERSIONS} FROM queue_registry_consent AS t
        JOIN people ON people.id = t.person_id
    UNION ALL SELECT 'withdrawals', {_VERSIONS} FROM queue_registry_consentwithdrawal AS t
        JOIN people ON people.id = t.person_id
    UNION ALL SELECT 'categories', {_VERSIONS} FROM queue_registry_categoryperiod AS t
        WHERE t.entry_id IN (SELECT id FROM entries)
    ORDER BY 1
"""  # noqa: S608 - of our own words


def of_queue(akimat: Akimat) -> str:
    """
    Return a digest that stays the same as long as no row changes on which a verdict could rest; "" while a
    source is held, since verdicts rest on earlier ones then, too.

    It says only that nothing has changed, never what: whoever gets another one compares row by row.
    """
    if held_sources():
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_FINGERPRINT, {"akimat": akimat.pk})
        rows = cursor.fetchall()
    return hashlib.sha256(
        repr([(name, count, str(total)) for name, count, total in rows]).encode()
    ).hexdigest()
