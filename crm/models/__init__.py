"""The ground floor's tables: people, companies, words, messages, audit, partners."""

from crm.models.audit import AuditEvent, LoginAttempt
from crm.models.bulk import BulkJob, BulkRow
from crm.models.companies import Company, Fact, Qualification, QualificationProof
from crm.models.contacts import Contact
from crm.models.deliveries import Delivery, Preference
from crm.models.exports import ExportJob
from crm.models.feeds import CalendarFeed
from crm.models.history import FieldChange
from crm.models.links import CompanyLink
from crm.models.lists import ListSetting, SavedView
from crm.models.outbox import Attempt, JobSlot, Notification
from crm.models.partners import IdempotencyKey, PartnerToken
from crm.models.people import Unit, User
from crm.models.tags import Tag, Tagging
from crm.models.vocabulary import (
    Carrier,
    Channel,
    City,
    FusionSector,
    FutureTrack,
    Holiday,
    LossReason,
    Setting,
    StageSetting,
)

__all__ = [
    "Attempt",
    "AuditEvent",
    "BulkJob",
    "BulkRow",
    "CalendarFeed",
    "Carrier",
    "Channel",
    "City",
    "Company",
    "CompanyLink",
    "Contact",
    "Delivery",
    "ExportJob",
    "Fact",
    "FieldChange",
    "FusionSector",
    "FutureTrack",
    "Holiday",
    "IdempotencyKey",
    "JobSlot",
    "ListSetting",
    "LoginAttempt",
    "LossReason",
    "Notification",
    "PartnerToken",
    "Preference",
    "Qualification",
    "QualificationProof",
    "SavedView",
    "Setting",
    "StageSetting",
    "Tag",
    "Tagging",
    "Unit",
    "User",
]
