"""The viewset every endpoint builds on: tokens or session, JSON only, problems for every refusal."""

from rest_framework.exceptions import NotFound
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from django.utils import timezone

from crm.api import paging, problems
from crm.api.auth import HasScope, SessionAuthentication, TokenAuthentication
from crm.api.etag import etag, is_unchanged
from crm.api.parsing import JsonBody
from crm.api.schema import ApiSchema
from crm.errors import Missing
from crm.filtersets import BadParameters


class JsonOnly(DefaultContentNegotiation):
    """Negotiate by the Accept header alone: `?format=` is an unknown parameter like any other."""

    def select_renderer(self, request, renderers, format_suffix=None):
        accepted = [kind.split(";")[0].strip() for kind in request.headers.get("Accept", "*/*").split(",")]
        wanted = {"*/*", "application/*", "application/json", problems.CONTENT_TYPE}
        if not wanted.intersection(accepted):
            raise problems.exceptions.NotAcceptable
        return renderers[0], renderers[0].media_type


class ApiViewSet(ViewSet):
    """Base of the API's viewsets. `scopes` names per action the token scopes of which one is needed."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated, HasScope)
    throttle_classes = ()  # a token's calls are counted where it is recognised
    parser_classes = (JsonBody,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = JsonOnly
    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    versioning_class = None
    schema = ApiSchema()
    scopes = {}
    parameters = ()  # query parameters of actions that are no filtered list

    def get_exception_handler(self):
        return problems.handler

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action not in (None, "list", "catch_all"):
            self._refuse_parameters(request)

    def _refuse_parameters(self, request, *, but=()):
        unknown = [
            Missing("unknown_parameter", f"没有「{name[:40]}」这个参数。", name[:40])
            for name in request.query_params
            if name not in but
        ]
        if unknown:
            raise BadParameters("地址里有不认识的参数，请去掉：", missing=unknown)

    @property
    def now(self):
        return timezone.now()


class Resource(ApiViewSet):
    """A resource that is listed and read through a projection and a filter set."""

    projection = None
    filterset = None

    def rows(self):
        """What the caller may see of this resource."""
        raise NotImplementedError

    def one(self, pk):
        """The instance with this number, or 404: what is invisible does not exist."""
        row = self.rows().filter(pk=pk).first()
        if row is None:
            raise NotFound
        return row

    def page(self, request):
        """One page of what is visible and asked for."""
        rows = self.shaped(self._chosen(request))
        return paging.page(request, rows, lambda page, key: self.projection.keyed(page, key, request.user))

    def _chosen(self, request):
        """The visible rows through the filters; without any, the filter set's pickers are not even loaded."""
        given = request.query_params
        if all(name in paging.PARAMETERS and len(given.getlist(name)) == 1 for name in given):
            return self.rows()
        return self.filterset(given, self.rows(), request=request, also=paging.PARAMETERS).rows()

    def shaped(self, rows):
        """`rows` with the columns the projection wants beyond those of the model."""
        return rows

    def answer(self, pk, status=200, headers=None):
        """The entry of one visible row as it stands now, with its version as ETag; 404 without one."""
        found = self.projection.entries(self.shaped(self.rows().filter(pk=pk)), self.request.user)
        if not found:
            raise NotFound
        headers = {"ETag": etag(found[0]["version"]), **(headers or {})}
        if (
            status == 200
            and self.request.method in ("GET", "HEAD")
            and is_unchanged(self.request, headers["ETag"])
        ):
            return Response(status=304, headers=headers)
        return Response(found[0], status=status, headers=headers)
