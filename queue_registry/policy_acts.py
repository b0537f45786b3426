"""
The acts that figures of policies cite, in the language of the page.

The files of `policies/` name each act in English; whoever adds a figure adds its act here, and a test says
so.
"""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

ACTS: Final = (
    _("Housing Law of 16 April 1997 No 94, edition of 15 April 2022"),
    _("Housing Law art 74(2): list 1 has first right"),
    _(
        "Housing Law art 74: not less than 20 % of all dwellings for list 2; that it is counted by the "
        "year is ours"
    ),
    _("Housing Law art 74: the volume for list 3 is set by the programme's document"),
    _(
        "Housing Law art 74: in proportion to the number on each list; counting all active entries by "
        "the year is ours"
    ),
    _("Housing Law art 75: not less than 15 m² of useful area a person"),
    _("Housing Law art 75: not more than 18 m² of useful area a person"),
    _("Housing Law art 75 is silent on how far above the norm a home may be"),
    _("Housing Law art 75: no two people of different sex in one room except spouses; the act names no age"),
    _("Housing Law art 76: not above the second floor"),
    _("Housing Law art 67, 68: below 3.1 subsistence minimums a member"),
    _("Housing Law art 68: not applied to families with a disabled child"),
    _("Housing Law art 67: rental housing from the state stock"),
    _("Housing Law 2022 knows no ladder"),
    _("Answer of the Prime Minister of 17 June 2022: not more than 1.0 subsistence minimum"),
    _("Answer of the Prime Minister of 17 June 2022: up to 3.1 subsistence minimums"),
    _("Answer of the Prime Minister of 17 June 2022: up to 3.7 subsistence minimums"),
    _("Housing Law art 69: three years in Astana, Almaty, Shymkent"),
    _("Housing Law art 69: residence in the settlement; we compare the first four KATO digits"),
    _("No act of housing names it: disputed data are looked at in 5 working days"),
    _("Housing Law art 69: no dwelling owned in the Republic; that any share counts is ours"),
    _("Housing Law art 69: need created on purpose within five years"),
    _("No act names the quorum"),
    _("No act names the number of members"),
    _("Press of 2025: the citizen accepts within five working days"),
    _(
        "No act names it: the second refusal of a fitting home holds the entry until the household asks to "
        "return"
    ),
    _("No act names it: refusals are counted within a year"),
    _("Answer of the Prime Minister to deputies, 17 June 2022, ДЗ-200 (announced reform)"),
    _("Answer of the Prime Minister of 17 June 2022: the ladder takes the place of the income test"),
    _(
        "Answer of the Prime Minister of 17 June 2022: rental housing for the first rung; a round of "
        "loans names its own"
    ),
    _("Practice of the operator since 24 May 2025, as the press tells it"),
    _("Press of 2025: 70 % for the priority groups of art 74(1) of the Housing Law (edition of 2026)"),
    _("Press of 2025: one queue for all others"),
    _("Press of 2025: ceilings take the place of the income test"),
    _("Press of November 2025: up to 3.5 subsistence minimums a member for one or two people"),
    _("Press of November 2025: up to 2 subsistence minimums a member for three people or more"),
    _("Press of 2025: a mere share is no bar"),
    _("Press of 2023-2025: no dwelling owned in the last five years"),
    _("Law on the republican budget for 2018-2020 (digits not confirmed)"),
    _("Law on the republican budget for 2019-2021 (digits not confirmed)"),
    _("Law on the republican budget for 2020-2022 (digits not confirmed)"),
    _("Decree on the refined republican budget for 2020"),
    _("Law on the republican budget for 2021-2023 (digits not confirmed)"),
    _("Law on the republican budget for 2022-2024"),
    _("Law on the republican budget for 2022-2024, as amended for 1 April 2022"),
    _("Law on the republican budget for 2023-2025"),
    _("Law on the republican budget for 2024-2026"),
    _("Law on the republican budget for 2025-2027"),
    _("Law on the republican budget for 2026-2028"),
    _("Press of 2025: an application is decided in 1 working day"),
    _("Press of 2025: an application is decided in 3 working days if papers are attached"),
    _("No act names the term where a register has not answered"),
    _("Housing Law art 73: written notice within 10 days of the decision"),
    _("APC: a complaint within three months"),
    _("APC: a complaint is decided in 20 working days"),
    _("APC art 73: notice at least 3 working days before a negative decision"),
    _("APC art 73: objections within 2 working days"),
    _("No act names the earliest registration moment"),
    _("Rechecks are quarterly since 10.12.2024 (vice-minister); no act names the days"),
    _("No act names it: a family must not lose its turn because a register was silent"),
    _(
        "No act names it: what a recheck does not ask anew has to speak still at the freeze of the same "
        "working day"
    ),
    _("Housing Law art 78: people housed within 10 working days of the decision"),
    _("Housing Law art 82: a contract can be annulled within 3 years"),
    _("No act names it: an accepted home waits so long for the signature, from the written invitation on"),
)


# What the first mapping of local categories rests on (`mappings/`).
MAPPING: Final = (
    _("Law of the Republic of Kazakhstan of 16.04.1997 No 94 On Housing Relations, edition of 15.04.2022"),
    _("art 74(2), list 1"),
    _("art 74(2), list 2"),
    _("art 74(2), list 3"),
    _("art 67, 68 and 74(2), list 4"),
    _("art 67 and 74(2), list 5"),
    _("art 67 and 74(2), list 6"),
    _("none: the Law knows no such list"),
)


def act(text: str) -> str:
    """An act and article in the page's language; one that is not in the table is shown as it is written."""
    return gettext(text) if text in ACTS or text in MAPPING else text
