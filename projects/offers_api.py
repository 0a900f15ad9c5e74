"""What the API's doors to the records of funds and of policies have in common: the page's own verbs."""

from dataclasses import replace
from types import ModuleType

from django.urls import reverse

from crm.api.etag import required_version
from crm.api.viewsets import Resource
from crm.bell import ring
from crm.permissions import require
from leads.api import read

READ = ("projects:read", "projects:read_all")
NOBODY = ("offers",)  # no token has this scope: the catalogues are kept by people of the bureau
EDITORS = "规则与页面相同，改了什么记入审计；只有区投促局的登录用户可以写入，令牌得到 403。"


class OfferViewSet(Resource):
    """The records of one kind: who may write, by which rules, and what matches them anew."""

    model: type
    rules: ModuleType
    right = ""
    task = None
    place = ""
    scopes = {"list": READ, "retrieve": READ, "add": NOBODY, "change": NOBODY}

    def rows(self):
        return self.model.objects.visible_to(self.request.user)

    def entered(self, form):
        """A record that is not there yet; its criteria are published afterwards."""
        user = self.request.user
        require(user, self.right)
        given = self.taken(read(form, self.request))
        made = self.rules.add(given.pop("code"), self.rules.Entry(**given), by=user, at=self.now)
        return self.answer(made.pk, 201, {"Location": reverse(self.place, args=[made.pk])})

    def corrected(self, form, pk):
        """What the request names over what stands; another status matches every open project anew."""
        one, user = self.one(pk), self.request.user
        require(user, self.right)
        version = required_version(self.request, one)
        entry = replace(self.rules.current(one), **self.taken(read(form, self.request)))
        self.rules.change(one, entry, by=user, at=self.now, version=version)
        ring(self.task, one.pk)
        return self.answer(one.pk)

    def taken(self, given):
        """The fields as the domain takes them: lists as tuples."""
        return {name: tuple(one) if isinstance(one, list) else one for name, one in given.items()}
