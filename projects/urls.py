"""The addresses of projects, funds and of a lead's acceptance."""

from django.urls import path

from projects.views import board, decisions, funds, listing, parties, pauses, record

app_name = "projects"
urlpatterns = [
    path("projects/", listing.project_list, name="list"),
    path("projects/export/", listing.export, name="export"),
    path("projects/board/", board.board, name="board"),
    path("projects/board/<slug:stage>/", board.column, name="column"),
    path("projects/<int:pk>/", record.detail, name="detail"),
    path("projects/<int:pk>/edit/", record.edit, name="edit"),
    path("projects/<int:pk>/move/", board.move, name="move"),
    path("projects/<int:pk>/missing/", board.missing, name="missing"),
    path("projects/<int:pk>/visit/", record.visit, name="visit"),
    path("projects/<int:pk>/evidence/", record.evidence, name="evidence"),
    path("projects/<int:pk>/contact/", record.contact, name="contact"),
    path("projects/<int:pk>/contact/<int:contact_pk>/reveal/", record.reveal, name="reveal"),
    path("projects/<int:pk>/suspend/", pauses.suspend_project, name="suspend"),
    path("projects/<int:pk>/resume/", pauses.resume_project, name="resume"),
    path("projects/<int:pk>/passes/", decisions.passing, name="pass"),
    path("projects/<int:pk>/passes/<int:pass_pk>/withdraw/", decisions.withdrawal, name="pass_withdraw"),
    path("projects/<int:pk>/investor/", parties.investor, name="investor"),
    path("projects/<int:pk>/registered/", parties.registered, name="registered"),
    path("projects/<int:pk>/match/", record.rematch, name="match"),
    path("projects/<int:pk>/fact/<slug:key>/", record.fact, name="fact"),
    path("leads/<int:pk>/accept/", board.open_lead, name="open"),
    path("funds/", funds.fund_list, name="funds"),
    path("funds/<int:pk>/", funds.fund, name="fund"),
]
