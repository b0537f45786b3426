"""Triggers by which the database keeps to the procedure of removal (Housing Law art 73, APC art 73)."""

from typing import Final

import pgtrigger

# No role shortens a term or bends a case afterwards: what was proposed and told stays, the decision comes on
# its day or later, and a decided case is closed for good.
REMOVAL_PROCEDURE: Final = pgtrigger.Trigger(
    name="procedure",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    declare=[("broken", "text")],
    func="""
        IF TG_OP <> 'INSERT' THEN
            IF TG_OP = 'DELETE' OR OLD.decided_at IS NOT NULL THEN
                broken := 'removal_case_decided_stays';
            ELSIF (NEW.entry_id, NEW.ground, NEW.evidence, NEW.proposed_by_id, NEW.proposed_at)
                IS DISTINCT FROM (OLD.entry_id, OLD.ground, OLD.evidence, OLD.proposed_by_id, OLD.proposed_at)
            THEN
                broken := 'removal_case_proposal_stays';
            ELSIF OLD.notified_at IS NOT NULL AND (NEW.notified_at, NEW.objections_until, NEW.decision_from)
                IS DISTINCT FROM (OLD.notified_at, OLD.objections_until, OLD.decision_from)
            THEN
                broken := 'removal_case_terms_stay';
            ELSIF OLD.objected_at IS NOT NULL AND (NEW.objected_at, NEW.objection)
                IS DISTINCT FROM (OLD.objected_at, OLD.objection)
            THEN
                broken := 'removal_case_objection_stays';
            END IF;
        END IF;
        IF broken IS NULL AND TG_OP <> 'DELETE' THEN
            IF NEW.objections_until <= (NEW.notified_at AT TIME ZONE 'Asia/Almaty')::date THEN
                broken := 'removal_case_objections_after_notice';
            ELSIF NEW.outcome = 'REMOVED'
                AND (NEW.decided_at AT TIME ZONE 'Asia/Almaty')::date < NEW.decision_from
            THEN
                broken := 'removal_case_decided_not_before_its_day';
            END IF;
        END IF;
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION '%', broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
        END IF;
        RETURN NEW;
    """,
)
