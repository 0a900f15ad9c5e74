"""The ground floor's tables: people, companies, words, messages, audit, partners."""

from crm.models.audit import AuditEvent, LoginAttempt
from crm.models.companies import Company, Contact, Fact, Qualification, QualificationProof
from crm.models.deliveries import Delivery, Preference
from crm.models.feeds import CalendarFeed
from crm.models.history import FieldChange
from crm.models.links import CompanyLink
from crm.models.outbox import Attempt, JobSlot, Notification
from crm.models.partners import IdempotencyKey, PartnerToken
from crm.models.people import Unit, User
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
    "CalendarFeed",
    "Carrier",
    "Channel",
    "City",
    "Company",
    "CompanyLink",
    "Contact",
    "Delivery",
    "Fact",
    "FieldChange",
    "FusionSector",
    "FutureTrack",
    "Holiday",
    "IdempotencyKey",
    "JobSlot",
    "LoginAttempt",
    "LossReason",
    "Notification",
    "PartnerToken",
    "Preference",
    "Qualification",
    "QualificationProof",
    "Setting",
    "StageSetting",
    "Unit",
    "User",
]
