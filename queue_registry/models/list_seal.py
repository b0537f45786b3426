from django.conf import settings
from django.db import models
from django.db.models import Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.protection import APPEND_ONLY


class ListSeal(models.Model):
    """
    The digitized lists of an akimat at a moment, under one published Merkle root (rules/merkle): each file
    number is a leaf, and whoever has the receipt of one can prove it without the others.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="list_seals")
    sealed_at = models.DateTimeField()
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    root = models.CharField(max_length=64)
    leaves = models.PositiveIntegerField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(leaves__gte=1), name="list_seal_has_leaves"),)
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"seal {self.pk} of {self.akimat_id}: {self.root[:12]}"


class SealedLeaf(models.Model):
    """One leaf of a seal: file number, list, moment and place as they were, with the salt that hides them."""

    seal = models.ForeignKey(ListSeal, on_delete=models.PROTECT, related_name="sealed")
    position = models.PositiveIntegerField()
    file_number = models.CharField(max_length=16)
    list_number = models.CharField(max_length=1)
    registered_at = models.DateTimeField()
    place = models.PositiveIntegerField()
    salt = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("seal", "position"), name="one_leaf_per_position_of_a_seal"),
            models.UniqueConstraint(
                fields=("seal", "file_number", "list_number"), name="one_leaf_per_file_number_and_list"
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"leaf {self.position} of seal {self.seal_id}"
