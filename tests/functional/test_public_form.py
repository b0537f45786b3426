"""
Every public page in every state in a real browser: no barrier that axe knows, no sideways scrolling at 320 px
(which is 1,280 px at 400 %), nothing asked of others, light; and what axe cannot see: the order and the
visibility of the focus, the way to an error without scripts, reduced motion, print.
"""

import gzip
import os
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from lxml import html

from queue_registry.selectors import clock
from tests import public_states, situations
from tests.browser import assert_usable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
_MOST_BYTES = 100 * 1024
_FONTS = ("cyrillic", "kazakh", "latin", "tenge")
# Pages of each kind: forms, answers, tables, pictures, folds.
_WALKED = (
    "my-place",
    "my-place-malformed",
    "my-place-found",
    "my-data-shown",
    "my-consent-code-empty",
    "offer-open",
    "certificate-genuine",
    "ladder-answer",
    "country",
    "open-data",
    "round-decided",
)
# One way to each form of the site: what is wrong when it is sent as it is.
_FORMS = {"": "#id_file_number", "offer/": "#id_file_number", "my-data/": "#id_file_number"}
_FORMS |= {"my-data/consent/": "#id_file_number"}
_FORMS |= {"old-number/": "#id_source_0", "certificate/": "#id_code", "ladder/": "#id_members"}
_MOST_STEPS = 250
_LOOK = """one => {
  const style = getComputedStyle(one);
  return [style.outlineStyle, style.outlineWidth, style.backgroundColor, style.boxShadow, style.color].join();
}"""
_FOCUSED = f"""() => {{
  const look = {_LOOK}, one = document.activeElement, all = [...document.querySelectorAll("*")];
  const box = one.getBoundingClientRect(), covered = document.elementFromPoint(
    Math.max(0, box.left) + Math.min(box.width, innerWidth) / 2, box.top + box.height / 2);
  const focused = look(one);
  let blurred = "";
  // The parts of a day share one field, and leaving it begins them anew.
  if (one.type !== "date") {{
    one.blur();
    blurred = look(one);
    one.focus();
  }}
  return {{
    nth: all.indexOf(one), words: one.outerHTML.slice(0, 120), changes: focused !== blurred,
    inside: box.width > 0 && box.bottom > 0 && box.top < innerHeight
      && box.left > -1 && box.left < innerWidth,
    open: covered === null || one.contains(covered) || covered.contains(one),
  }};
}}"""
_IN_ORDER = """() => {
  const all = [...document.querySelectorAll("*")];
  const radios = new Set();
  return all.filter(one => {
    if (one.tabIndex < 0 || one.disabled || !one.checkVisibility()) return false;
    if (!one.matches("a[href], button, input, select, textarea, summary, [tabindex]")) return false;
    // Of a group of choices the keyboard stops at one.
    if (one.type !== "radio") return true;
    const first = !radios.has(one.name);
    radios.add(one.name);
    return first;
  }).map(one => all.indexOf(one));
}"""
_MOVING = """() => [...document.querySelectorAll("*")].filter(one => {
  const style = getComputedStyle(one);
  const lasts = text => text.split(",").some(part => parseFloat(part) > 0);
  return lasts(style.transitionDuration) || (style.animationName !== "none" && lasts(style.animationDuration))
    || style.scrollBehavior === "smooth";
}).map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture
def states(transactional_db, settings, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: situations.READ_AT)
    settings.LOOK_UPS_PER_ADDRESS = public_states.PLENTY
    settings.NOTICE_PROVIDER = "queue_registry.notices.fake.FakeProvider"
    return {state.name: state for state in public_states.world()}


@pytest.mark.parametrize(("language", "width"), [("kk", 320), ("ru", 1280), ("en", 360)])
def test_every_state_is_usable_and_asks_nobody_else(states, new_page, live_server, pictures, language, width):
    page = new_page(width=width, locale=language)
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    for state in states.values():
        state.open(page, live_server.url, language)
        assert page.get_by_role("heading", level=1).count() == 1, state.name
        if "PICTURES" in os.environ:
            page.screenshot(path=pictures / f"{state.name}-{language}-{width}.png", full_page=True)
        try:
            assert_usable(page)
        except AssertionError as problem:
            wrong.append(f"{state.name}: {problem}")

    assert wrong == []
    assert [url for url in asked if not url.startswith(live_server.url)] == []
    assert page.context.cookies() == []


def test_every_state_is_light_without_a_cache_and_has_no_script(states):
    heavy, fonts = {}, sum(len(read(f"vendor/golos-text/golos-text-{one}.woff2")) for one in _FONTS)
    for state in states.values():
        content = state.answer("kk").content
        page = html.fromstring(content.decode())
        parts = {str(one) for one in page.xpath("//link[@rel='stylesheet' or @rel='icon']/@href | //@src")}
        assert page.xpath("//script") == []
        assert page.xpath("//@style | //style | //@*[starts-with(name(), 'on')]") == []
        # Pages and static files travel compressed, fonts are compressed already.
        size = fonts + sum(len(gzip.compress(one)) for one in (content, *map(read, parts)))
        if size > _MOST_BYTES:
            heavy[state.name] = size

    assert heavy == {}


def read(path):
    return Path(finders.find(path.removeprefix("/static/"))).read_bytes()


def test_the_keyboard_goes_through_each_page_in_its_order_and_is_seen_all_the_way(
    states, new_page, live_server
):
    page = new_page(width=1280)
    wrong = []
    for name in _WALKED:
        states[name].open(page, live_server.url, "kk")
        # Where a summary of errors has the focus the way begins at it, as it does for a person.
        page.evaluate(
            "() => { document.activeElement.blur(); document.body.tabIndex = -1; document.body.focus() }"
        )
        expected, walked = page.evaluate(_IN_ORDER), []
        for _ in range(_MOST_STEPS):
            if len(walked) == len(expected):
                break
            page.keyboard.press("Tab")
            one = page.evaluate(_FOCUSED)
            # A day is typed into three parts of one field.
            if walked[-1:] != [one["nth"]]:
                walked.append(one["nth"])
            wrong += [
                f"{name}: {what}: {one['words']}"
                for what, right in (
                    ("does not change when it gets the focus", one["changes"]),
                    ("is not on the screen", one["inside"]),
                    ("lies under something", one["open"]),
                )
                if not right
            ]
        if walked != expected:
            wrong.append(f"{name}: in another order: {walked} and not {expected}")

    assert wrong == []


@pytest.mark.parametrize("address", _FORMS)
def test_without_scripts_the_focus_is_at_the_errors_and_each_leads_to_its_field(
    states, new_page, live_server, address
):
    page = new_page(width=320, javascript=False)
    page.goto(f"{live_server.url}/kk/{address}")
    form = page.locator("main form").first
    form.locator("input:not([type=hidden]), select").first.focus()
    form.locator("button[type=submit], button:not([type])").first.click()

    focused = page.locator(":focus")
    assert "govuk-error-summary" in focused.get_attribute("class")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") is not None
    to = page.locator(f".govuk-error-summary a[href='{_FORMS[address]}']")
    to.focus()
    page.keyboard.press("Enter")
    assert page.locator(":focus").get_attribute("id") == _FORMS[address].removeprefix("#")
    field = page.locator(_FORMS[address])
    # What is wrong of a choice is said of the whole group.
    telling = page.locator("fieldset[aria-describedby]") if "source" in _FORMS[address] else field
    described = telling.get_attribute("aria-describedby") or ""
    assert field.get_attribute("aria-invalid") == "true"
    assert [one for one in described.split() if one.endswith("_error")] != []


def test_who_wants_no_motion_gets_none(states, new_page, live_server):
    page = new_page()
    page.emulate_media(reduced_motion="reduce")
    for name in _WALKED:
        states[name].open(page, live_server.url, "kk")
        assert page.evaluate(_MOVING) == [], name


def test_on_paper_stands_what_is_told_and_not_how_to_go_on(states, new_page, live_server):
    page = new_page(width=720)
    for name in ("my-place-found", "round-decided", "country", "certificate-genuine", "ladder-answer"):
        states[name].open(page, live_server.url, "ru")
        page.emulate_media(media="print")
        assert page.locator("main h1").is_visible(), name
        assert page.locator(".kz-header .kz-nav:visible, main button:visible").count() == 0, name
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, name
        page.emulate_media(media="screen")


@pytest.mark.parametrize("path", ["/kk/country/", "/kk/", "/kk/nowhere/"])
def test_pages_travel_compressed_and_files_as_they_are(transactional_db, path):
    wanted = {"accept-encoding": "gzip, br"}
    page, plain = Client().get(path, headers=wanted), Client().get(path)
    font = Client().get("/static/vendor/golos-text/golos-text-latin.woff2", headers=wanted)

    font.close()
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.content) < len(plain.content) / 2
    assert gzip.decompress(page.content).strip().startswith(b"<!DOCTYPE html>")
    assert "Content-Encoding" not in font.headers
