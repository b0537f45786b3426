"""The figure of what a simpler rule costs: families in their order, each given the first home that fits."""

from allocation import engine
from allocation.engine.document import values_from
from housing_queue.benchmarks import synthetic_round
from housing_queue.benchmarks.first_fit import passed_over_by_first_fit


def member(role="applicant"):
    return {"sex": "f", "role": role, "age": 40, "couple": None}


def entry(name, day, people, **needs):
    return {
        "id": name,
        "file_no": name,
        "list": "5",
        "registered_at": f"2015-03-{day:02d}T10:00:00+05:00",
        "members": [member(), *(member("child") for _ in range(people - 1))],
        "extra_person": 0,
        "extra_room": False,
        "mobility": False,
        "low_floor": False,
        "needs_accessible": False,
        "accepts_smaller": None,
        "income": None,
        "flags": [],
        "eligibility": "eligible",
        "reason": None,
        **needs,
    }


def home(name, area, floor):
    return {"id": name, "rooms": 1, "area": area, "floor": floor, "lift": False, "accessible": False}


def passed_over(homes, entries):
    head = synthetic_round.head(0)
    head["year_to_date"] = {"distributed": 0, "lists": {}}
    values = values_from({**head, "dwellings": homes, "entries": entries})
    result = engine.distribute(values)
    return len(result.allotments), passed_over_by_first_fit(values, result.allotments)


def test_a_home_that_only_a_later_family_can_use_is_taken_by_the_first_that_comes():
    homes = [home("D1", "20.0", 1), home("D2", "22.0", 5)]
    anywhere, low = entry("E1", 1, 1), entry("E2", 2, 1, mobility=True)

    assert passed_over(homes, [anywhere, low]) == (2, 1)


def test_where_the_first_home_that_fits_is_the_right_one_nobody_is_passed_over():
    homes = [home("D1", "20.0", 5), home("D2", "22.0", 1)]
    anywhere, low = entry("E1", 1, 1), entry("E2", 2, 1, mobility=True)

    assert passed_over(homes, [anywhere, low]) == (2, 0)
