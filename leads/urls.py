"""Addresses of leads; trips and imports have their own page of addresses."""

from django.urls import path

from leads import urls_claims, urls_roadshows
from leads.views import (
    board,
    capture,
    colleagues,
    contacts,
    editing,
    links,
    listing,
    moves,
    photos,
    qualifications,
    record,
)

app_name = "leads"
urlpatterns = [
    path("leads/", listing.lead_list, name="list"),
    path("leads/board/", board.board, name="board"),
    path("leads/board/natural/", board.natural, name="natural"),
    path("leads/export/", listing.export, name="export"),
    path("leads/new/", capture.capture, name="capture"),
    path("leads/known/", capture.known, name="known"),
    path("leads/unsent/", capture.unsent, name="unsent"),
    path("leads/<int:pk>/", record.detail, name="detail"),
    path("leads/<int:pk>/qualifications/", qualifications.qualifications, name="qualifications"),
    path("leads/<int:pk>/qualifications/<int:row>/end/", qualifications.end, name="qualification_end"),
    path("leads/<int:pk>/qualifications/proofs/<int:row>/", qualifications.proof, name="qualification_proof"),
    path("leads/<int:pk>/links/", links.links, name="links"),
    path("leads/<int:pk>/links/<int:row>/end/", links.end, name="link_end"),
    path("leads/<int:pk>/edit/", editing.edit, name="edit"),
    path("leads/<int:pk>/move/", moves.move, name="move"),
    path("leads/<int:pk>/place/", board.place, name="place"),
    path("leads/<int:pk>/missing/", board.missing, name="missing"),
    path("leads/<int:pk>/visit/", moves.visit, name="visit"),
    path("leads/<int:pk>/colleagues/", colleagues.colleagues, name="colleagues"),
    path("leads/<int:pk>/visits/<int:visit>/photos/", photos.add, name="photo_add"),
    path("leads/<int:pk>/photos/<int:row>/", photos.photo, name="photo"),
    path("leads/<int:pk>/photos/<int:row>/remove/", photos.remove, name="photo_remove"),
    path("leads/<int:pk>/screening/", moves.screening, name="screening"),
    path("leads/<int:pk>/handover/", moves.hand_over, name="hand_over"),
    path("leads/<int:pk>/reveal/", contacts.reveal, name="reveal"),
    path("leads/<int:pk>/contact/", contacts.add, name="contact"),
    path("leads/<int:pk>/contact/<int:contact_pk>/", contacts.correct, name="contact_correct"),
    *urls_claims.urlpatterns,
    *urls_roadshows.urlpatterns,
]
