"""Addresses below the API's that are none: answered in its own form of errors."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.views import APIView


class NothingHere(APIView):
    """Every address below the API's that is none."""

    schema = None
    authentication_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
