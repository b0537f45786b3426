"""
Who may do what, written down once more, independently of the code: the table of the matrix of rights.

A new permission needs a row in GRID, a new page, act or address a row in PAGES, a new command with --by a row
in COMMANDS. Without it tests/unit/test_rights_matrix.py fails and says which row is missing.
"""

from enum import Enum

from queue_registry.permissions import Permission
from queue_registry.rules.roles import Role

P = Permission

# C clerk, S supervisor, Y secretary, M member, H chair, A auditor, D administrator.
LETTERS = {
    "C": Role.CLERK,
    "S": Role.SUPERVISOR,
    "Y": Role.SECRETARY,
    "M": Role.MEMBER,
    "H": Role.CHAIR,
    "A": Role.AUDITOR,
    "D": Role.ADMINISTRATOR,
}
GRID = {
    P.REGISTER_VIEW: "CSY  A ",
    P.REGISTER_IMPORT: "C      ",
    P.REGISTER_CONFIRM_IMPORT: " S     ",
    P.IMPORT_DECIDE: "C      ",
    P.APPLICATION_ENTER: "C      ",
    P.APPLICATION_DECIDE: "CS     ",
    P.CONSENT_KEEP: "C      ",
    P.DOCUMENT_VIEW: "CS   A ",
    P.ENTRY_MOVE: "C      ",
    P.REMOVAL_PROPOSE: "C      ",
    P.REMOVAL_DECIDE: " S     ",
    P.REDATING_PROPOSE: "C      ",
    P.REDATING_APPROVE: " S     ",
    P.REVIEW_OPEN: "C      ",
    P.REVIEW_DECIDE: " S     ",
    P.NOTICE_DELIVER: "C      ",
    P.STOCK_VIEW: "CSY  A ",
    P.STOCK_KEEP: "C      ",
    P.ROUND_VIEW: "CSYMHA ",
    P.ROUND_PREPARE: "C Y    ",
    P.SITTING_VIEW: "  YMHA ",
    P.SITTING_CONVENE: "  Y    ",
    P.SITTING_VOTE: "   MH  ",
    P.SITTING_DECIDE: "    H  ",
    P.OFFER_ANSWER: "C      ",
    P.TRAIL_VIEW: " S   A ",
    P.FLAG_VIEW: " S   A ",
    P.FLAG_CLEAR: " S     ",
    P.IIN_EXPORT: "     A ",
    P.SWEEP_VIEW: "CSY  A ",
    P.SWEEP_RUN: " S     ",
    P.RECONCILE: "C      ",
    P.RECONCILE_APPROVE: " S     ",
    P.SAMPLE_DRAW: " S     ",
    P.SAMPLE_CHECK: "C      ",
    P.GATE_VIEW: "CSY  A ",
    P.GATE_PROPOSE: " S     ",
    P.GATE_APPROVE: "    H  ",
    P.STAFF_VIEW: "     AD",
    P.STAFF_GIVE: "      D",
    P.SOURCE_VIEW: " S   AD",
    P.SOURCE_HOLD: "      D",
}


class Anybody(Enum):
    """Pages that no permission guards."""

    # Strangers, too.
    OPEN = "open"
    # Whoever of staff has signed in; what it shows is the pages' that it leads to.
    SIGNED_IN = "signed in"
    # Left over by Django's own parts: no role of ours lets anybody in.
    NOBODY = "nobody"


OPEN, SIGNED_IN, NOBODY = Anybody.OPEN, Anybody.SIGNED_IN, Anybody.NOBODY

# Name of the address: what it needs, and its method where it is not GET.
PAGES = {
    "home": OPEN,
    "healthz": OPEN,
    "readyz": OPEN,
    "set_language": (OPEN, "POST"),
    "sign_in": OPEN,
    "sign_out": (OPEN, "POST"),
    "start": SIGNED_IN,
    "queue_registry_public:my_place": OPEN,
    "queue_registry_public:old_number": OPEN,
    "queue_registry_public:seals": OPEN,
    "queue_registry_public:receipt": (OPEN, "POST"),
    "queue_registry_public:trail": OPEN,
    "queue_registry_public:trail_heads": OPEN,
    "allocation_public:rounds": OPEN,
    "allocation_public:round": OPEN,
    "allocation_public:bundle": OPEN,
    "allocation_api:schema": OPEN,
    "allocation_api:round-list": OPEN,
    "allocation_api:round-detail": OPEN,
    # The API
    "queue_registry_api:rung": P.REGISTER_VIEW,
    # The register
    "queue_registry:desk": P.REGISTER_VIEW,
    "queue_registry:entry": P.REGISTER_VIEW,
    "queue_registry:as_of": P.REGISTER_VIEW,
    "queue_registry:imports": P.REGISTER_VIEW,
    "queue_registry:import_consents": (P.CONSENT_KEEP, "POST"),
    "queue_registry:matches": P.REGISTER_VIEW,
    "queue_registry:match": P.REGISTER_VIEW,
    "queue_registry:match_decide": (P.IMPORT_DECIDE, "POST"),
    "queue_registry:waiting_file": P.REGISTER_VIEW,
    # Applications
    "queue_registry:work": P.REGISTER_VIEW,
    "queue_registry:search": (P.REGISTER_VIEW, "POST"),
    "queue_registry:application": P.REGISTER_VIEW,
    "queue_registry:application_accept": (P.APPLICATION_DECIDE, "POST"),
    "queue_registry:application_refuse": (P.APPLICATION_DECIDE, "POST"),
    "queue_registry:application_withdraw": (P.APPLICATION_ENTER, "POST"),
    "queue_registry:document": P.DOCUMENT_VIEW,
    "queue_registry:no_consent": P.REGISTER_VIEW,
    "queue_registry:case_consents": P.REGISTER_VIEW,
    "queue_registry:consent_record": (P.CONSENT_KEEP, "POST"),
    "queue_registry:consent_withdraw": (P.CONSENT_KEEP, "POST"),
    "queue_registry:consent_contact": (P.CONSENT_KEEP, "POST"),
    "queue_registry:intake_start": P.APPLICATION_ENTER,
    "queue_registry:intake": P.APPLICATION_ENTER,
    "queue_registry:intake_claims": (P.APPLICATION_ENTER, "POST"),
    "queue_registry:intake_member": (P.APPLICATION_ENTER, "POST"),
    "queue_registry:intake_remove_member": (P.APPLICATION_ENTER, "POST"),
    "queue_registry:intake_household": (P.APPLICATION_ENTER, "POST"),
    "queue_registry:intake_document": (P.APPLICATION_ENTER, "POST"),
    "queue_registry:intake_consent": (P.APPLICATION_ENTER, "POST"),
    "queue_registry:intake_look": (P.APPLICATION_ENTER, "POST"),
    "queue_registry:intake_drop": (P.APPLICATION_ENTER, "POST"),
    "queue_registry:intake_file": (P.APPLICATION_ENTER, "POST"),
    # Moves of an entry
    "queue_registry:moves": P.ENTRY_MOVE,
    "queue_registry:move_suspend": (P.ENTRY_MOVE, "POST"),
    "queue_registry:move_resume": (P.ENTRY_MOVE, "POST"),
    "queue_registry:move_begin_category": (P.ENTRY_MOVE, "POST"),
    "queue_registry:move_end_category": (P.ENTRY_MOVE, "POST"),
    "queue_registry:move_change_category": (P.ENTRY_MOVE, "POST"),
    "queue_registry:move_pass_on": (P.ENTRY_MOVE, "POST"),
    "queue_registry:removals": P.REGISTER_VIEW,
    "queue_registry:removal": P.REGISTER_VIEW,
    "queue_registry:removal_propose": (P.REMOVAL_PROPOSE, "POST"),
    "queue_registry:removal_notify": (P.REMOVAL_PROPOSE, "POST"),
    "queue_registry:removal_send": (P.REMOVAL_PROPOSE, "POST"),
    "queue_registry:removal_notify_delivered": (P.REMOVAL_PROPOSE, "POST"),
    "queue_registry:removal_object": (P.REMOVAL_PROPOSE, "POST"),
    "queue_registry:removal_hear": (P.REMOVAL_PROPOSE, "POST"),
    "queue_registry:removal_decide": (P.REMOVAL_DECIDE, "POST"),
    "queue_registry:reviews": P.REGISTER_VIEW,
    "queue_registry:review": P.REGISTER_VIEW,
    "queue_registry:review_removal": (P.REVIEW_OPEN, "POST"),
    "queue_registry:review_moment": (P.REVIEW_OPEN, "POST"),
    "queue_registry:review_refusal": (P.REVIEW_OPEN, "POST"),
    "queue_registry:review_decide": (P.REVIEW_DECIDE, "POST"),
    "queue_registry:registration_changes": P.REGISTER_VIEW,
    "queue_registry:registration_change": P.REGISTER_VIEW,
    "queue_registry:registration_change_propose": (P.REDATING_PROPOSE, "POST"),
    "queue_registry:registration_change_decide": (P.REDATING_APPROVE, "POST"),
    "queue_registry:registration_change_drop": (P.REDATING_PROPOSE, "POST"),
    # Rechecks
    "queue_registry:findings": P.REGISTER_VIEW,
    "queue_registry:finding": P.REGISTER_VIEW,
    "queue_registry:finding_settle": (P.REMOVAL_PROPOSE, "POST"),
    "queue_registry:application_ask_again": (P.APPLICATION_DECIDE, "POST"),
    "queue_registry:sweeps": P.SWEEP_VIEW,
    "queue_registry:sweep": P.SWEEP_VIEW,
    "queue_registry:sweep_findings": P.SWEEP_VIEW,
    "queue_registry:sweep_inventory": (P.SWEEP_RUN, "POST"),
    "queue_registry:sweep_before_allocation": (P.SWEEP_RUN, "POST"),
    "queue_registry:sweep_pause": (P.SWEEP_RUN, "POST"),
    "queue_registry:sweep_resume": (P.SWEEP_RUN, "POST"),
    # Notices
    "queue_registry:notices": P.NOTICE_DELIVER,
    "queue_registry:notice_letters": (P.NOTICE_DELIVER, "POST"),
    "queue_registry:notices_posted": (P.NOTICE_DELIVER, "POST"),
    "queue_registry:case_notices": P.REGISTER_VIEW,
    "queue_registry:contact_record": (P.NOTICE_DELIVER, "POST"),
    "queue_registry:contact_end": (P.NOTICE_DELIVER, "POST"),
    "queue_registry:notice_send_again": (P.NOTICE_DELIVER, "POST"),
    "queue_registry:notice_settle": (P.NOTICE_DELIVER, "POST"),
    "queue_registry:notice_report": (P.NOTICE_DELIVER, "POST"),
    "queue_registry:intake_contact": (P.APPLICATION_ENTER, "POST"),
    # Audit
    "queue_registry:audit": P.TRAIL_VIEW,
    "queue_registry:audit_looks": P.TRAIL_VIEW,
    "queue_registry:audit_removals": P.TRAIL_VIEW,
    "queue_registry:audit_case": P.TRAIL_VIEW,
    "queue_registry:audit_case_file": (P.TRAIL_VIEW, "POST"),
    "queue_registry:audit_people": P.TRAIL_VIEW,
    "queue_registry:audit_person": P.TRAIL_VIEW,
    "queue_registry:audit_officers": P.TRAIL_VIEW,
    "queue_registry:audit_officer": P.TRAIL_VIEW,
    "queue_registry:audit_export": (P.TRAIL_VIEW, "POST"),
    "queue_registry:flags": P.FLAG_VIEW,
    "queue_registry:flag": P.FLAG_VIEW,
    "queue_registry:flag_clear": (P.FLAG_CLEAR, "POST"),
    # The way to automatic distribution
    "queue_registry:gate": P.GATE_VIEW,
    "queue_registry:gates": P.GATE_VIEW,
    "queue_registry:gate_seal": (P.GATE_PROPOSE, "POST"),
    "queue_registry:gate_propose": (P.GATE_PROPOSE, "POST"),
    "queue_registry:gate_drop": (P.GATE_PROPOSE, "POST"),
    "queue_registry:gate_close": (P.GATE_PROPOSE, "POST"),
    "queue_registry:gate_opening": P.GATE_APPROVE,
    "queue_registry:gate_open": (P.GATE_APPROVE, "POST"),
    "queue_registry:reconciliation": P.GATE_VIEW,
    "queue_registry:stated_total": (P.RECONCILE, "POST"),
    "queue_registry:reconciliation_explain": (P.RECONCILE, "POST"),
    "queue_registry:reconciliation_decide": (P.RECONCILE_APPROVE, "POST"),
    "queue_registry:samples": P.GATE_VIEW,
    "queue_registry:sample_draw": (P.SAMPLE_DRAW, "POST"),
    "queue_registry:sample": P.GATE_VIEW,
    "queue_registry:sample_next": P.SAMPLE_CHECK,
    "queue_registry:sampled_check": (P.SAMPLE_CHECK, "POST"),
    # The state systems
    "queue_registry:sources": P.SOURCE_VIEW,
    "queue_registry:source_hold": (P.SOURCE_HOLD, "POST"),
    "queue_registry:source_release": (P.SOURCE_HOLD, "POST"),
    # Homes, rounds, offers
    "allocation:dwellings": P.STOCK_VIEW,
    "allocation:rounds": P.ROUND_VIEW,
    "allocation:open_round": P.ROUND_PREPARE,
    "allocation:round": P.ROUND_VIEW,
    "allocation:lines": P.ROUND_VIEW,
    "allocation:freeze": (P.ROUND_PREPARE, "POST"),
    "allocation:run": (P.ROUND_PREPARE, "POST"),
    "allocation:hand_over": (P.SITTING_CONVENE, "POST"),
    "allocation:cancel": (P.ROUND_PREPARE, "POST"),
    "allocation:offers": P.OFFER_ANSWER,
    "allocation:offer": P.OFFER_ANSWER,
    "allocation:accept": (P.OFFER_ANSWER, "POST"),
    "allocation:refuse": (P.OFFER_ANSWER, "POST"),
    # The commission's desk and the lists of support and audit
    "admin:index": SIGNED_IN,
    "admin:login": SIGNED_IN,
    "admin:logout": (OPEN, "POST"),
    "admin:password_change": SIGNED_IN,
    "admin:password_change_done": SIGNED_IN,
    "admin:jsi18n": SIGNED_IN,
    "admin:app_list": SIGNED_IN,
    "admin:autocomplete": NOBODY,
    "admin:view_on_site": NOBODY,
    "admin:queue_registry_akimat_changelist": P.STAFF_VIEW,
    "admin:queue_registry_akimat_change": P.STAFF_VIEW,
    "admin:queue_registry_user_changelist": P.STAFF_VIEW,
    "admin:queue_registry_user_change": P.STAFF_VIEW,
    "admin:queue_registry_staffmembership_changelist": P.STAFF_VIEW,
    "admin:queue_registry_staffmembership_change": P.STAFF_VIEW,
    "admin:queue_registry_policyversion_changelist": P.STAFF_VIEW,
    "admin:queue_registry_policyversion_change": P.STAFF_VIEW,
    "admin:queue_registry_application_changelist": P.REGISTER_VIEW,
    "admin:queue_registry_application_change": P.REGISTER_VIEW,
    "admin:queue_registry_queueentry_changelist": P.REGISTER_VIEW,
    "admin:queue_registry_queueentry_change": P.REGISTER_VIEW,
    "admin:queue_registry_auditevent_changelist": P.TRAIL_VIEW,
    "admin:queue_registry_auditevent_change": P.TRAIL_VIEW,
    "admin:queue_registry_personaldataview_changelist": P.TRAIL_VIEW,
    "admin:queue_registry_personaldataview_change": P.TRAIL_VIEW,
    "admin:allocation_allocationround_changelist": P.ROUND_VIEW,
    "admin:allocation_allocationround_change": P.ROUND_VIEW,
    "admin:allocation_allocationrun_changelist": P.ROUND_VIEW,
    "admin:allocation_allocationrun_change": P.ROUND_VIEW,
    "admin:allocation_allocationline_changelist": P.ROUND_VIEW,
    "admin:allocation_allocationline_change": P.ROUND_VIEW,
    "admin:allocation_dwelling_changelist": P.STOCK_VIEW,
    "admin:allocation_dwelling_change": P.STOCK_VIEW,
    "admin:allocation_offer_changelist": P.ROUND_VIEW,
    "admin:allocation_offer_change": P.ROUND_VIEW,
    "admin:allocation_sitting_changelist": P.SITTING_VIEW,
    "admin:allocation_sitting_change": P.SITTING_VIEW,
    "admin:allocation_sitting_vote": (P.SITTING_VOTE, "POST"),
    "admin:allocation_sitting_close": (P.SITTING_DECIDE, "POST"),
    "admin:allocation_sitting_allotments": P.SITTING_VIEW,
    "admin:allocation_sitting_passed_over": P.SITTING_VIEW,
    "admin:allocation_sitting_line": P.SITTING_VIEW,
    "admin:allocation_sitting_protocol": P.SITTING_VIEW,
    "admin:allocation_sitting_bundle": P.SITTING_VIEW,
    **{
        f"admin:{model}_{page}": NOBODY
        for model in ("auth_group", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog")
        for page in ("changelist", "add", "history", "delete", "change")
    },
}

# What an act that looks at its form first is sent; the others are sent nothing.
DATA = {
    "admin:allocation_sitting_close": {"outcome": "CONFIRMED", "result_sha256": "0" * 64},
}

# Rows that belong to no akimat: the same for everybody who holds the permission anywhere.
OF_NO_AKIMAT = {
    "admin:queue_registry_policyversion_change",
    "queue_registry:sources",
    "queue_registry:source_hold",
    "queue_registry:source_release",
}

# Command with --by: what it needs, and its other arguments.
COMMANDS = {
    "import_list": (P.REGISTER_IMPORT, {"file": "no-such-file.csv", "source": "spp"}),
    "confirm_import": (P.REGISTER_CONFIRM_IMPORT, {}),
    "grant_role": (P.STAFF_GIVE, {"user": "clerk2", "role": "SECRETARY"}),
    "end_role": (P.STAFF_GIVE, {"user": "clerk2", "role": "SECRETARY"}),
}
