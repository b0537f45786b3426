"""
A second distribution, written from the rules alone: slow, plain, with nothing of the engine in it.

It works on the JSON document itself, keeps one dwelling for one entry, and looks for rearrangements one
entry at a time (Kuhn's algorithm). Whatever it says and the engine says must be the same document.
"""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

Document = dict[str, Any]


def canonical(document: Document) -> bytes:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return (text + "\n").encode()


def distribute(document: Document) -> Document:
    """The result document of an input document, without the key `engine`."""
    return _Reference(document).result()


def _instant(text: str) -> timedelta:
    text = text.replace("Z", "+00:00")
    sign = 1 if text[-6] == "+" else -1
    offset = sign * timedelta(hours=int(text[-5:-3]), minutes=int(text[-2:]))
    whole, _, part = text[:-6].partition(".")
    moment = datetime.fromisoformat(f"{whole}+00:00") - datetime(1, 1, 1, tzinfo=UTC)
    return moment + timedelta(microseconds=int((part or "0").ljust(6, "0"))) - offset


class _Reference:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.policy = document["policy"]
        self.dwellings = document["dwellings"]
        self.order = sorted(
            document["entries"],
            key=lambda e: (_instant(e["registered_at"]), int(e["list"]), e["file_no"], e["id"]),
        )
        self.index = {e["id"]: i for i, e in enumerate(self.order)}
        self.holder: dict[str, Document] = {}  # dwelling id -> served entry
        self.level: dict[str, str] = {}  # entry id -> level
        self.served_tier: dict[str, int] = {}  # entry id -> tier
        self.households: set[str] = set()
        self.tried: set[str] = set()
        self.failed: set[str] = set()
        self.row: dict[str, Document] = {}  # entry id -> passed over row
        self.witnesses: list[tuple[set[str], list[str]]] = []

    # Step 1

    def filter_code(self, e: Document) -> str | None:
        if e["eligibility"] == "ineligible":
            return f"INELIGIBLE:{e['reason']}"
        return "CHECKS_INCOMPLETE" if e["eligibility"] == "unknown" else self._income_code(e)

    def _income_code(self, e: Document) -> str | None:
        income = None if e["income"] is None else Fraction(e["income"])
        rules = self.policy["income"]
        minimum = Fraction(rules["subsistence_minimum"])
        if e["list"] in rules["below"] and not set(e["flags"]) & set(rules["exempt_flags"]):
            if income is None:
                return "INCOME_UNKNOWN"
            if not income < Fraction(rules["below"][e["list"]]) * minimum:
                return "INCOME_OVER_LIMIT"
        if self.policy["support"]["rung"] is not None:
            if income is None:
                return "INCOME_UNKNOWN"
            rungs = [name for name, limit in self.policy["ladder"] if income <= Fraction(limit) * minimum]
            rung = rungs[0] if rungs else "none"
            if rung != self.policy["support"]["rung"]:
                return f"OTHER_RUNG:{rung}"
        return None

    # Step 2

    def fits(self, e: Document, d: Document, level: str) -> bool:
        return self._fits(e, d, None) or (
            level == "consent" and e["accepts_smaller"] is not None and self._fits(e, d, e["accepts_smaller"])
        )

    def _fits(self, e: Document, d: Document, smaller: Document | None) -> bool:
        norms = self.policy["fit"]
        if norms is None:
            return True
        area = Fraction(d["area"])
        n = len(e["members"]) + e["extra_person"]
        rooms = self._rooms_needed(e)
        least_area, least_rooms = Fraction(norms["min_area"]) * n, rooms
        if smaller is not None:
            least_area = min(least_area, Fraction(smaller["area"]))
            least_rooms = min(least_rooms, smaller["rooms"])
        people = n + 1 if e["extra_room"] else n
        most = Fraction(norms["max_area"]) * people + Fraction(norms["surplus"])
        low = d["floor"] <= norms["max_floor_mobility"]
        return (
            area >= least_area
            and d["rooms"] >= least_rooms
            and (d["rooms"] <= rooms or area <= most)
            and (not e["mobility"] or low)
            and (not e["low_floor"] or low or d["lift"])
            and (not e["needs_accessible"] or d["accessible"])
        )

    def _rooms_needed(self, e: Document) -> int:
        age = self.policy["fit"]["separate_sexes_from_age"]
        rooms = 1
        if age is not None:
            couples = {m["couple"] for m in e["members"]} - {None}
            others = [m for m in e["members"] if m["couple"] is None and m["age"] >= age]
            male = any(m["sex"] == "m" for m in others)
            female = any(m["sex"] == "f" for m in others)
            rooms = max(1, len(couples) + male + female)
        return rooms + 1 if e["extra_room"] else rooms

    # Step 3

    def try_to_serve(self, e: Document, tier: int) -> bool:
        self.tried.add(e["id"])
        for level in ("norm", "consent"):
            self.level[e["id"]] = level
            if self._augment(e, set()):
                self.served_tier[e["id"]] = tier
                self.households.add(e["file_no"])
                return True
        del self.level[e["id"]]
        self.failed.add(e["id"])
        if e["id"] not in self.row:
            self._refuse(e, tier)
        return False

    def _augment(self, e: Document, visited: set[str]) -> bool:
        for d in self.dwellings:
            if d["id"] in visited or not self.fits(e, d, self.level[e["id"]]):
                continue
            visited.add(d["id"])
            if d["id"] not in self.holder or self._augment(self.holder[d["id"]], visited):
                self.holder[d["id"]] = e
                return True
        return False

    def _refuse(self, e: Document, tier: int) -> None:
        fitting = {d["id"] for d in self.dwellings if self.fits(e, d, "consent")}
        if not fitting:
            self.row[e["id"]] = {"tier": tier, "code": "NO_DWELLING_FITS"}
            return
        earlier = [number for number, (dwellings, _) in enumerate(self.witnesses) if fitting <= dwellings]
        number = earlier[0] if earlier else len(self.witnesses)
        if not earlier:
            self.witnesses.append(self._reached(fitting))
        self.row[e["id"]] = {"tier": tier, "code": "FITTING_DWELLINGS_TAKEN", "witness": f"W{number + 1}"}

    def _reached(self, fitting: set[str]) -> tuple[set[str], list[str]]:
        reached = set(fitting)
        while True:
            holders = [self.holder[name] for name in reached]
            wider = reached | {
                d["id"] for d in self.dwellings for e in holders if self.fits(e, d, self.level[e["id"]])
            }
            if wider == reached:
                return reached, sorted((e["id"] for e in holders), key=self.index.__getitem__)
            reached = wider

    # Step 4

    def walk(self, number: int, tier: Document) -> Document:
        available = len(self.dwellings) - len(self.served_tier)
        looked: list[Document] = []
        if tier["kind"] == "proportional":
            record = self._proportional(number, tier, available, looked)
        else:
            record = self._in_order(number, tier, looked)
        for e in looked:
            if e["id"] not in self.row and e["id"] not in self.served_tier:
                code = self.filter_code(e)
                if code is None:
                    code = "SERVED_ON_OTHER_LIST" if e["file_no"] in self.households else "SEATS_USED"
                self.row[e["id"]] = {"tier": number, "code": code}
        return {"kind": tier["kind"], "available": available} | record

    def is_untried(self, e: Document) -> bool:
        return (
            e["id"] not in self.tried and self.filter_code(e) is None and e["file_no"] not in self.households
        )

    @property
    def full(self) -> bool:
        return len(self.served_tier) == len(self.dwellings)

    def _in_order(self, number: int, tier: Document, looked: list[Document]) -> Document:
        target = self._target(tier)
        served = 0
        for e in [e for e in self.order if e["list"] in tier["lists"]]:
            if self.full or served == target:
                break
            looked.append(e)
            if self.is_untried(e):
                served += self.try_to_serve(e, number)
        record: Document = {"served": served, "shortfall": None}
        if target is not None:
            record["target"] = target
            if served < target:
                record["shortfall"] = {"missing": target - served, "reason": self._reason(tier)}
        return record

    def _reason(self, tier: Document) -> str:
        if self.full:
            return "DWELLINGS_EXHAUSTED"
        failed = any(e["id"] in self.failed for e in self.order if e["list"] in tier["lists"])
        return "NO_FITTING_DWELLING" if failed else "LIST_EXHAUSTED"

    def _target(self, tier: Document) -> int | None:
        if tier["kind"] == "quota":
            return tier["dwellings"]
        if tier["kind"] != "floor":
            return None
        year = self.document["year_to_date"]
        served = sum(e["list"] in tier["lists"] for e in self.order if e["id"] in self.served_tier)
        if tier["period"] == "batch":
            target = ceil(Fraction(tier["share"]) * len(self.dwellings))
        else:
            target = ceil(Fraction(tier["share"]) * (year["distributed"] + len(self.dwellings)))
            target -= sum(year["lists"].get(code, {"received": 0})["received"] for code in tier["lists"])
        return max(0, target - served)

    def _proportional(self, number: int, tier: Document, available: int, looked: list[Document]) -> Document:
        lists = tier["lists"]
        counts = {
            code: sum(
                e["list"] == code and (tier["count"] == "active" or self.filter_code(e) is None)
                for e in self.order
            )
            for code in lists
        }
        total = sum(counts.values())
        share = {code: Fraction(available * counts[code], total) if total else Fraction(0) for code in lists}
        zeros = {"owed": "0", "by_share": 0}
        before = {
            code: self.document["year_to_date"]["lists"].get(code, zeros)
            if tier["period"] == "year"
            else zeros
            for code in lists
        }
        owed = {
            code: Fraction(before[code]["owed"]) + share[code] - before[code]["by_share"] for code in lists
        }
        served = dict.fromkeys(lists, 0)
        first = None
        while True:
            seats = self._give(lists, available - sum(served.values()), owed, served)
            first = first or dict(seats)
            if not any(seats.values()):
                break
            for e in [e for e in self.order if e["list"] in lists]:
                if self.full or not any(seats.values()):
                    break
                looked.append(e)
                if self.is_untried(e) and seats[e["list"]] and self.try_to_serve(e, number):
                    seats[e["list"]] -= 1
                    served[e["list"]] += 1
        return {
            "shortfall": None,
            "lists": [
                {
                    "list": code,
                    "count": counts[code],
                    "share": str(share[code]),
                    "owed_before": str(Fraction(before[code]["owed"])),
                    "by_share_before": before[code]["by_share"],
                    "seats": first[code],
                    "served": served[code],
                }
                for code in lists
            ],
        }

    def _give(
        self, lists: list[str], seats: int, owed: dict[str, Fraction], served: dict[str, int]
    ) -> dict[str, int]:
        untried = {
            code: [e for e in self.order if e["list"] == code and self.is_untried(e)] for code in lists
        }
        given = dict.fromkeys(lists, 0)
        for _ in range(seats):
            able = [code for code in lists if given[code] < len(untried[code])]
            if not able:
                break
            most = max(owed[code] - served[code] - given[code] for code in able)
            tied = [code for code in able if owed[code] - served[code] - given[code] == most]
            given[min(tied, key=lambda code: self.index[untried[code][0]["id"]])] += 1
        return given

    # Steps 5 and 7

    def allotments(self) -> tuple[list[Document], set[str]]:
        winners = sorted(
            (e for e in self.order if e["id"] in self.served_tier),
            key=lambda e: (self.served_tier[e["id"]], self.index[e["id"]]),
        )
        left = {d["id"]: d for d in self.dwellings}
        rows = []
        for turn, e in enumerate(winners, start=1):
            d = self._choice(e, winners[turn:], left)
            del left[d["id"]]
            rows.append(
                {
                    "dwelling": d["id"],
                    "entry": e["id"],
                    "file_no": e["file_no"],
                    "list": e["list"],
                    "place": self.place(e),
                    "tier": self.served_tier[e["id"]],
                    "turn": turn,
                    "level": self.level[e["id"]],
                    "reserve": self._reserve(e, d),
                }
            )
        return rows, set(left)

    def _choice(self, e: Document, rest: list[Document], left: dict[str, Document]) -> Document:
        fitting = [d for d in left.values() if self.fits(e, d, self.level[e["id"]])]
        for d in sorted(fitting, key=lambda d: self._preference(e, d)):
            others = [other for other in left.values() if other is not d]
            if self._all_can_be_housed(rest, others):
                return d
        raise AssertionError

    def _preference(self, e: Document, d: Document) -> tuple[Any, ...]:
        norms = self.policy["fit"]
        if norms is None:
            return (d["id"],)
        ideal = Fraction(norms["min_area"]) * (len(e["members"]) + e["extra_person"])
        last = d["accessible"] and not e["needs_accessible"]
        return last, abs(Fraction(d["area"]) - ideal), d["rooms"], d["id"]

    def _all_can_be_housed(self, entries: list[Document], dwellings: list[Document]) -> bool:
        holder: dict[str, Document] = {}

        def augment(e: Document, visited: set[str]) -> bool:
            for d in dwellings:
                if d["id"] not in visited and self.fits(e, d, self.level[e["id"]]):
                    visited.add(d["id"])
                    if d["id"] not in holder or augment(holder[d["id"]], visited):
                        holder[d["id"]] = e
                        return True
            return False

        return all(augment(e, set()) for e in entries)

    def _reserve(self, winner: Document, d: Document) -> list[str]:
        return [
            e["id"]
            for e in self.order
            if e["list"] == winner["list"]
            and self.filter_code(e) is None
            and e["file_no"] not in self.households
            and self.fits(e, d, "consent")
        ][:3]

    # The result

    def place(self, e: Document) -> int:
        return [other["id"] for other in self.order if other["list"] == e["list"]].index(e["id"]) + 1

    def result(self) -> Document:
        tiers = [self.walk(number, tier) for number, tier in enumerate(self.policy["tiers"])]
        allotments, left = self.allotments()
        passed_over = [
            {"entry": e["id"], "list": e["list"], "place": self.place(e)} | self.row[e["id"]]
            for e in self.order
            if e["id"] in self.row
        ]
        passed_over.sort(key=lambda row: row["tier"])
        looked_at = Counter(row["list"] for row in allotments + passed_over)
        policy_lists = {code for tier in self.policy["tiers"] for code in tier["lists"]}
        return {
            "format": "round-result/1",
            "input_sha256": hashlib.sha256(canonical(self.document)).hexdigest(),
            "tiers": tiers,
            "allotments": allotments,
            "passed_over": passed_over,
            "witnesses": {
                f"W{number}": {"entries": entries, "dwellings": sorted(dwellings)}
                for number, (dwellings, entries) in enumerate(self.witnesses, start=1)
            },
            "not_reached": {
                code: sum(e["list"] == code for e in self.order) - looked_at[code] for code in policy_lists
            },
            "unallotted": sorted(left),
            "year_to_date": self._year_after(tiers, allotments, policy_lists),
        }

    def _year_after(
        self, tiers: list[Document], allotments: list[Document], policy_lists: set[str]
    ) -> Document:
        year = self.document["year_to_date"]
        lists = {}
        for code in policy_lists | year["lists"].keys():
            account = year["lists"].get(code, {"owed": "0", "by_share": 0, "received": 0})
            shares = [share for tier in tiers for share in tier.get("lists", []) if share["list"] == code]
            by_share = sum(
                row["list"] == code and self.policy["tiers"][row["tier"]]["kind"] == "proportional"
                for row in allotments
            )
            lists[code] = {
                "owed": str(Fraction(account["owed"]) + sum(Fraction(share["share"]) for share in shares)),
                "by_share": account["by_share"] + by_share,
                "received": account["received"] + sum(row["list"] == code for row in allotments),
            }
        return {"distributed": year["distributed"] + len(allotments), "lists": lists}
