"""Which jobs exist and when they are due, by the clock and the calendar of Hangzhou. The beat only ticks."""

from datetime import time, timedelta

from crm import bulk, exporting
from crm.accounts import forget_sessions, forget_tries
from crm.partners import forget_answers
from crm.slots import Daily, Every, Job, forget_slots, sweep
from crm.snoozing import bring_back
from leads import conflicts, handover, pool
from leads.importing import resume_all
from leads.lapses import scan
from leads.reminders import remind_trips
from leads.suspecting import check_waiting
from leads.trip_reports import remind_trip_reports
from leads.walk_ins import forget_walk_ins
from projects.bulk import resume_all as resume_bulk_jobs
from projects.deadlines import remind_deadlines
from projects.export_filters import resume_all as resume_exports
from projects.policy_endings import remind_policies
from projects.pressing import remind_referrals
from projects.qualifications import remind_qualifications
from projects.rematching import rematch
from projects.reminders import morning_scan, own_times_scan
from projects.revisits import remind_revisits
from projects.supervising import issue_overdue
from projects.suspending import resume_due
from projects.unanswered import tell_unanswered

JOBS = {
    job.name: job
    for job in (
        Job("supervision", Daily(time(8, 20), workdays_only=True), issue_overdue),
        Job("morning_scan", Daily(time(8, 30), workdays_only=True), morning_scan),
        Job("own_digests", Every(timedelta(minutes=30)), own_times_scan),
        Job("unanswered_orders", Daily(time(8, 25), workdays_only=True), tell_unanswered),
        Job("deadlines", Daily(time(8, 35), workdays_only=True), remind_deadlines),
        Job("trip_without_lead", Daily(time(17, 0), workdays_only=True), remind_trips),
        Job("trip_reports", Daily(time(17, 5), workdays_only=True), remind_trip_reports),
        Job("qualifications", Daily(time(8, 40), workdays_only=True), remind_qualifications),
        Job("policies", Daily(time(8, 40), workdays_only=True), remind_policies),
        Job("referrals", Daily(time(8, 45), workdays_only=True), remind_referrals),
        Job("resume_suspended", Daily(time(0, 5)), resume_due),
        Job("revisits", Daily(time(8, 25), workdays_only=True), remind_revisits),
        Job("rematch", Daily(time(2, 0)), rematch, in_batches=True),
        Job("conflicts", Daily(time(8, 30), workdays_only=True), conflicts.remind),
        Job("handovers", Every(timedelta(hours=1)), handover.lapse),
        Job("pool", Every(timedelta(hours=1)), pool.watch),
        Job("pool_return", Daily(time(23, 0)), pool.return_all),
        Job("claims", Every(timedelta(hours=1)), scan),
        Job("duplicates", Every(timedelta(minutes=1)), check_waiting),
        Job("imports", Every(timedelta(minutes=1)), resume_all),
        Job("snoozed", Every(timedelta(minutes=30)), bring_back),
        Job("exports", Every(timedelta(minutes=1)), resume_exports),
        Job("forget_exports", Daily(time(3, 10)), exporting.forget),
        Job("bulk", Every(timedelta(minutes=1)), resume_bulk_jobs),
        Job("forget_bulk", Daily(time(3, 15)), bulk.forget),
        Job("forget_tries", Daily(time(3, 20)), forget_tries),
        Job("forget_answers", Daily(time(3, 30)), forget_answers),
        Job("forget_sessions", Daily(time(3, 40)), forget_sessions),
        Job("forget_slots", Daily(time(3, 50)), forget_slots),
        Job("forget_walk_ins", Daily(time(4, 0)), forget_walk_ins),
        Job("sweep", Every(timedelta(minutes=5)), sweep),
    )
}
