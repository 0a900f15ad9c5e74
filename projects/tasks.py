"""Tasks about projects: each takes an id and calls one function."""

from celery import shared_task

from django.utils import timezone

from crm.models import BulkJob, ExportJob
from projects import bulk, export_filters
from projects.matching import match
from projects.models import Fund, Policy, Project
from projects.rejudging import rematch_one


@shared_task
def match_project(pk):
    """Hold one project against every fund and policy; rung when it is opened or its facts change."""
    match(Project.objects.get(pk=pk), at=timezone.now())


@shared_task
def match_fund(pk):
    """Hold every open project against one fund; rung when its criteria change."""
    rematch_one(Fund.objects.get(pk=pk), timezone.now())


@shared_task
def match_policy(pk):
    """Hold every open project against one policy; rung when its criteria change."""
    rematch_one(Policy.objects.get(pk=pk), timezone.now())


@shared_task
def make_export(pk):
    """Write the workbook of one export in a worker; running it twice changes nothing."""
    export_filters.make(ExportJob.objects.select_related("by__unit").get(pk=pk), at=timezone.now())


@shared_task
def resume_bulk(pk):
    """Foresee, do or undo one bulk job in a worker; running it twice changes nothing."""
    bulk.resume(BulkJob.objects.select_related("by__unit").get(pk=pk), at=timezone.now())
