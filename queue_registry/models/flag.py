import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.protection import NEVER_DELETED
from queue_registry.models.queue_entry import QueueEntry
from queue_registry.rules.flags.kinds import FlagKind

_OPEN = Q(cleared_at__isnull=True, gone_at__isnull=True)


class RedFlag(models.Model):
    """
    A question that the detector asks of what happened; open until another person clears it with a reason.

    `target` is the name by which the trail calls the thing. `gone_at`: a later look did not find it any more;
    a flag of backdating never goes by itself. What was cleared is not asked again for the same `cause`.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="red_flags")
    kind = models.CharField(max_length=30)
    target = models.CharField(max_length=80)
    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="red_flags", null=True)
    file_number = models.CharField(max_length=16, blank=True)
    cause = models.CharField(max_length=200)
    strength = models.DecimalField(
        max_digits=12, decimal_places=3, help_text="How many times the limit was passed, rounded."
    )
    figures = models.JSONField(default=dict)
    involved = models.JSONField(default=list, help_text="Keys of those of staff who made what was found.")
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    why = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=list(FlagKind)), name="red_flag_kind_is_known"),
            models.UniqueConstraint(
                fields=("kind", "target"), condition=_OPEN, name="one_open_red_flag_per_kind_and_target"
            ),
            models.CheckConstraint(
                condition=Q(cleared_at__isnull=True, cleared_by__isnull=True, why="")
                | (Q(cleared_at__isnull=False, cleared_by__isnull=False) & ~Q(why="")),
                name="red_flag_cleared_at_by_and_why_together",
            ),
            models.CheckConstraint(
                condition=Q(cleared_at__isnull=True) | Q(gone_at__isnull=True),
                name="red_flag_cleared_or_gone",
            ),
        )
        indexes = (models.Index(fields=("akimat", "kind"), condition=_OPEN, name="red_flag_open_by_kind"),)
        triggers = (
            NEVER_DELETED,
            pgtrigger.Protect(
                name="closed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__cleared_at__isnull=False)
                | pgtrigger.Q(old__gone_at__isnull=False),
            ),
            pgtrigger.ReadOnly(
                name="question_stays", fields=["akimat", "kind", "target", "entry", "seen_at"]
            ),
            pgtrigger.Trigger(
                name="cleared_by_another",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__cleared_by__isnull=False),
                func="""
                    IF NEW.involved @> to_jsonb(NEW.cleared_by_id) THEN
                        RAISE EXCEPTION 'red_flag_cleared_by_another_person'
                            USING ERRCODE = 'check_violation',
                                CONSTRAINT = 'red_flag_cleared_by_another_person';
                    END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.target}"

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None and self.gone_at is None
