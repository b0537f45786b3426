"""The least that a page could be: fixed bytes, or one row looked up by the number that was sent."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from queue_registry.models import Application


def hello(_request: HttpRequest) -> HttpResponse:
    """Fixed bytes."""
    return HttpResponse(b"hello")


@csrf_exempt
def look_up(request: HttpRequest) -> HttpResponse:
    """One row by its unique number."""
    return HttpResponse(Application.objects.get(file_number=request.POST["file_number"]).file_number)


urlpatterns = [path("", look_up), path("hello/", hello)]
