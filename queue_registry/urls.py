"""Addresses of the register's pages at the desk."""

from django.urls import path

from queue_registry.views import applications, audit, imports, intake, queue, work

app_name = "queue_registry"
urlpatterns = [
    path("", queue.desk, name="desk"),
    path("entries/<int:entry_id>/", queue.entry, name="entry"),
    path("audit/", audit.trail, name="audit"),
    path("audit/looks/", audit.looks, name="audit_looks"),
    path("audit/removals/", audit.removals, name="audit_removals"),
    path("audit/cases/<int:application_id>/", audit.case, name="audit_case"),
    path("audit/cases/<int:application_id>/<str:language>.pdf", audit.case_file, name="audit_case_file"),
    path("audit/people/", audit.people, name="audit_people"),
    path("audit/people/<int:person_id>/", audit.person, name="audit_person"),
    path("audit/staff/", audit.officers, name="audit_officers"),
    path("audit/staff/<int:user_id>/", audit.officer, name="audit_officer"),
    path("audit/export/", audit.export, name="audit_export"),
    path("imports/", imports.import_list, name="imports"),
    path("work/", work.work_list, name="work"),
    path("search/", work.search, name="search"),
    path("intakes/", intake.start, name="intake_start"),
    path("intakes/<int:intake_id>/", intake.page, name="intake"),
    path("intakes/<int:intake_id>/claims/", intake.claims, name="intake_claims"),
    path("intakes/<int:intake_id>/members/", intake.member, name="intake_member"),
    path(
        "intakes/<int:intake_id>/members/<int:person_id>/remove/",
        intake.remove_member,
        name="intake_remove_member",
    ),
    path("intakes/<int:intake_id>/household/", intake.household, name="intake_household"),
    path("intakes/<int:intake_id>/documents/", intake.document, name="intake_document"),
    path("intakes/<int:intake_id>/consents/", intake.consent, name="intake_consent"),
    path("intakes/<int:intake_id>/look/", intake.look, name="intake_look"),
    path("intakes/<int:intake_id>/drop/", intake.drop, name="intake_drop"),
    path("intakes/<int:intake_id>/file/", intake.file, name="intake_file"),
    path("applications/<int:application_id>/", applications.page, name="application"),
    path("applications/<int:application_id>/accept/", applications.accept, name="application_accept"),
    path("applications/<int:application_id>/refuse/", applications.refuse, name="application_refuse"),
    path("applications/<int:application_id>/withdraw/", applications.withdraw, name="application_withdraw"),
    path("documents/<int:document_id>/", applications.document, name="document"),
    path("waiting-file/", queue.waiting_file, name="waiting_file"),
]
