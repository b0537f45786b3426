"""The commission: what is signed, by whom it is signed, and the way to add one's own signature."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allocation import contract_forms, refusal_presenters
from allocation.engine.strict_json import digest
from allocation.models import Manifest, Signature, Sitting
from allocation.rules.refusals import Refused
from allocation.selectors.signatures import get_signing
from allocation.services import manifests, signatures
from queue_registry.permissions import Permission
from queue_registry.views.access import Desk, desk_page


@require_safe
@desk_page(Permission.SITTING_VIEW)
def page(request: HttpRequest, desk: Desk, sitting_id: int) -> HttpResponse:
    """Both protocols, their manifest with its digest, who has signed; made the first time it is asked for."""
    return _page(request, desk, _found(desk, sitting_id))


@require_POST
@desk_page(Permission.SIGN)
def sign(request: HttpRequest, desk: Desk, sitting_id: int) -> HttpResponse:
    """Take the signature of a member; that of who presides locks the protocol."""
    sitting = _found(desk, sitting_id)
    form = contract_forms.SignatureFile(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, desk, sitting, form=form)
    try:
        signatures.sign(
            sitting_id=sitting.pk,
            signed_sha256=form.cleaned_data["signed_sha256"],
            cms=form.cleaned_data["cms"],
            by=desk.user,
            at=desk.at,
        )
    except Refused as refused:
        return _page(request, desk, sitting, problem=refusal_presenters.refusal(refused), status=409)
    messages.success(request, _("Your signature is recorded."))
    return redirect("allocation:signing", sitting_id=sitting.pk)


@require_safe
@desk_page(Permission.SITTING_VIEW)
def manifest(_request: HttpRequest, desk: Desk, sitting_id: int) -> HttpResponse:
    """The manifest's exact bytes."""
    sitting = _found(desk, sitting_id)
    return _file(bytes(_manifest(sitting, desk).content), f"manifest-{sitting.number}.json")


@require_safe
@desk_page(Permission.SITTING_VIEW)
def closing(_request: HttpRequest, desk: Desk, sitting_id: int) -> HttpResponse:
    """The exact bytes that who presides signs: the manifest's digest and those of the others' signatures."""
    sitting = _found(desk, sitting_id)
    content = signatures.closing(_manifest(sitting, desk), get_signing(sitting))
    return _file(content, f"closing-{sitting.number}.json")


@require_safe
@desk_page(Permission.SITTING_VIEW)
def signature(_request: HttpRequest, desk: Desk, signature_id: int) -> HttpResponse:
    """One signature as it was sent, so that anybody can verify it elsewhere."""
    found = get_object_or_404(Signature.objects.filter(member__sitting__akimat=desk.akimat), pk=signature_id)
    return _file(bytes(found.cms), f"signature-{found.pk}.p7s", "application/pkcs7-signature")


def _found(desk: Desk, sitting_id: int) -> Sitting:
    rows = Sitting.objects.filter(akimat=desk.akimat, decision__isnull=False)
    rows = rows.select_related("akimat", "decision", "run__round", "presiding")
    return get_object_or_404(rows.defer("run__result", "run__round__input"), pk=sitting_id)


def _manifest(sitting: Sitting, desk: Desk) -> Manifest:
    stored = Manifest.objects.filter(sitting=sitting).first()
    return stored or manifests.make(sitting_id=sitting.pk, at=desk.at)


def _file(content: bytes, name: str, content_type: str = "application/json") -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _page(
    request: HttpRequest,
    desk: Desk,
    sitting: Sitting,
    *,
    problem: str = "",
    form: contract_forms.SignatureFile | None = None,
    status: int = 200,
) -> HttpResponse:
    made, signing = _manifest(sitting, desk), get_signing(sitting)
    own = signing.of(desk.user.pk)
    if own is not None and own.signature is None and sitting.locked_at is None:
        waits = own.presides and signing.missing_before_closing > 0
    else:
        own, waits = None, False
    document = bytes(made.content) if own is None else signatures.to_sign(made, signing, own)
    context = {
        "desk": desk,
        "sitting": sitting,
        "manifest": made,
        "papers": sitting.protocols.order_by("language"),
        "signing": signing,
        "own": own,
        "waits": waits,
        "to_sign": digest(document),
        "form": form or contract_forms.SignatureFile(initial={"signed_sha256": digest(document)}),
        "problem": problem,
        "page_url": reverse("allocation:signing", args=[sitting.pk]),
        "section": "signing",
    }
    return render(request, "allocation/signing.html", context, status=status)
