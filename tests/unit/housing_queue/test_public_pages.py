"""What is public is remembered for seconds as it was sent; what is of anybody in particular never is."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from housing_queue import public_pages
from housing_queue.public_pages import PublicPagesMiddleware

PUBLIC = {"Cache-Control": "public, max-age=300", "ETag": '"v1"'}


@pytest.fixture
def remembering(settings):
    settings.PUBLIC_PAGES_REMEMBERED_SECONDS = 5


@pytest.fixture
def pages():
    """A middleware before a view that counts how often it was asked."""

    def view(request):
        view.asked += 1
        response = HttpResponse(f"answer {view.asked}", status=view.status, headers=view.headers)
        if view.cookie:
            response.set_cookie("seen", "1")
        return response

    view.asked, view.status, view.headers, view.cookie = 0, 200, PUBLIC, False
    middleware = PublicPagesMiddleware(view)
    middleware.view = view
    return middleware


def get(pages, path="/kk/country/", **more):
    return pages(RequestFactory().get(path, **more))


@pytest.mark.usefixtures("remembering")
def test_the_second_answer_is_the_first_with_its_headers(pages):
    first, second = get(pages), get(pages)

    assert pages.view.asked == 1
    assert (second.content, second.headers) == (first.content, first.headers)


@pytest.mark.usefixtures("remembering")
def test_whoever_has_this_version_gets_none_of_its_bytes(pages):
    get(pages)

    again = get(pages, headers={"If-None-Match": '"v1"'})

    assert (again.status_code, again.content, pages.view.asked) == (304, b"", 1)


@pytest.mark.usefixtures("remembering")
def test_it_is_forgotten_after_its_seconds(pages, monkeypatch):
    now = 100.0
    monkeypatch.setattr(public_pages, "monotonic", lambda: now)
    get(pages)
    now = 104.9
    get(pages)
    assert pages.view.asked == 1
    now = 105.0
    assert get(pages).content == b"answer 2"


@pytest.mark.usefixtures("remembering")
@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "no-store"},
        {"Cache-Control": "private, max-age=300", "ETag": '"v1"'},
        {"ETag": '"v1"'},
        {"Cache-Control": "public, max-age=300"},
        PUBLIC | {"Vary": "Cookie"},
    ],
)
def test_nothing_else_is_remembered(pages, headers):
    pages.view.headers = headers
    get(pages)

    assert get(pages).content == b"answer 2"


@pytest.mark.usefixtures("remembering")
@pytest.mark.parametrize(("status", "cookie"), [(404, False), (500, False), (200, True)])
def test_no_error_and_no_answer_with_a_cookie_is_remembered(pages, status, cookie):
    pages.view.status, pages.view.cookie = status, cookie
    get(pages)

    assert get(pages).content == b"answer 2"


@pytest.mark.usefixtures("remembering")
def test_addresses_hosts_and_methods_are_kept_apart_and_questions_pass(pages):
    get(pages)
    get(pages, "/ru/country/")
    get(pages, headers={"Host": "127.0.0.1"})
    get(pages, "/kk/country/?page=2")
    get(pages, headers={"Authorization": "Bearer x"})
    pages(RequestFactory().post("/kk/country/"))

    assert pages.view.asked == 6


@pytest.mark.usefixtures("remembering")
def test_no_more_than_so_many_are_kept_and_the_oldest_goes(pages, monkeypatch):
    monkeypatch.setattr(public_pages, "_ANSWERS", 2)
    for path in ("/a/", "/b/", "/c/"):
        get(pages, path)
    get(pages, "/c/")
    assert pages.view.asked == 3
    get(pages, "/a/")
    assert pages.view.asked == 4


def test_without_seconds_nothing_is_remembered(pages):
    get(pages)

    assert get(pages).content == b"answer 2"
