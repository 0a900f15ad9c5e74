"""Addresses of 首报首谈: extending a claim."""

from django.urls import path

from leads.views import claims

urlpatterns = [
    path("leads/<int:pk>/claim/extend/", claims.extend, name="claim_extend"),
]
