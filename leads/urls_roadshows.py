"""The addresses of trips and imports, included by leads/urls.py under the namespace leads."""

from django.urls import path

from leads.views import imports, roadshows, trip_reports, walk_ins

urlpatterns = [
    path("roadshows/", roadshows.roadshow_list, name="roadshows"),
    path("roadshows/new/", roadshows.roadshow_new, name="roadshow_new"),
    path("roadshows/<int:pk>/", roadshows.roadshow, name="roadshow"),
    path("roadshows/<int:pk>/edit/", roadshows.roadshow_edit, name="roadshow_edit"),
    path("roadshows/<int:pk>/targets/", roadshows.targets_add, name="targets_add"),
    path("roadshows/<int:pk>/targets/<int:target>/", roadshows.target_resolve, name="target_resolve"),
    path("roadshows/<int:pk>/report/", trip_reports.report, name="report"),
    path("roadshows/<int:pk>/report/<int:number>/", trip_reports.report_final, name="report_final"),
    path("roadshows/<int:pk>/report/<int:number>/docx/", trip_reports.report_file, name="report_file"),
    path("roadshows/<int:pk>/door/", walk_ins.door, name="door"),
    path("roadshows/<int:pk>/door/open/", walk_ins.door_open, name="door_open"),
    path("roadshows/<int:pk>/door/close/", walk_ins.door_close, name="door_close"),
    path("roadshows/<int:pk>/door/<int:row>/", walk_ins.door_reveal, name="door_reveal"),
    path("r/<str:secret>/", walk_ins.walk_in, name="walk_in"),
    path("leads/<int:pk>/take/", walk_ins.take, name="take"),
    path("roadshows/<int:pk>/import/", imports.upload, name="upload"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/template.xlsx", imports.import_template, name="import_template"),
    path("imports/<int:pk>/", imports.import_job, name="import"),
    path("imports/<int:pk>/choose/<int:number>/", imports.import_choose, name="import_choose"),
    path("imports/<int:pk>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<int:pk>/stop/", imports.import_stop, name="import_stop"),
    path("imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("imports/<int:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<int:pk>/rejected.xlsx", imports.import_rejected, name="import_rejected"),
]
