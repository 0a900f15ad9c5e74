"""The API's own pages: the addresses, the OpenAPI document, the reference, and what is nowhere."""

from functools import lru_cache

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from crm import partners
from crm.api.codes import CODES
from crm.api.reference import sections
from crm.api.viewsets import ApiViewSet

PLACES = (
    *("leads", "conflicts", "duplicates", "handovers", "pool", "projects", "match-changes", "referrals"),
    *("orders", "deliveries", "chain", "bases", "funds", "policies", "spaces", "compute-offers"),
    *("vocabularies", "schema", "docs"),
)


@lru_cache(maxsize=1)
def document():
    """The OpenAPI 3.1 document; it depends on the code alone."""
    return SchemaGenerator().get_schema(request=None, public=True)


@extend_schema(exclude=True)
class RootViewSet(ApiViewSet):
    """What every caller may read: the list of addresses and the schema."""

    scopes = {"places": (), "openapi": (), "catch_all": ()}

    def places(self, request):
        names = {place: f"api:{place.replace('-', '_')}" for place in PLACES}
        return Response({place: request.build_absolute_uri(reverse(name)) for place, name in names.items()})

    def openapi(self, request):
        return Response(document())

    def catch_all(self, request, rest=""):
        raise NotFound


@require_safe
def docs(request):
    """The reference page: made on the server from the schema, so that it prints and needs no script."""
    context = {
        "sections": sections(document()),
        "scopes": partners.SCOPES.items(),
        "codes": CODES.items(),
        "version": document()["info"]["version"],
    }
    return TemplateResponse(request, "crm/api_docs.html", context)
