"""Addresses of 首报首谈: extending a claim, contesting one, answering a hand-over, the pool, 回音, 判重."""

from django.urls import path

from leads.views import claims, conflicts, duplicates, feedback, handovers, pool

urlpatterns = [
    path("leads/<int:pk>/claim/extend/", claims.extend, name="claim_extend"),
    path("leads/<int:pk>/feedback/", feedback.record, name="feedback"),
    path("leads/pool/", pool.pool_list, name="pool"),
    path("leads/pool/tonight/", pool.tonight, name="pool_tonight"),
    path("leads/pool/<int:pk>/take/", pool.take, name="pool_take"),
    path("leads/<int:pk>/pool/", pool.give, name="pool_give"),
    path("handovers/", handovers.handover_list, name="handovers"),
    path("handovers/<int:pk>/<slug:deed>/", handovers.answer, name="handover_answer"),
    path("duplicates/", duplicates.duplicate_list, name="duplicates"),
    path("duplicates/<int:pk>/", duplicates.duplicate, name="duplicate"),
    path("duplicates/<int:pk>/judge/", duplicates.judge, name="duplicate_judge"),
    path("duplicates/<int:pk>/reopen/", duplicates.take_back, name="duplicate_reopen"),
    path("leads/<int:pk>/unmerge/", duplicates.unmerge, name="unmerge"),
    path("conflicts/", conflicts.conflict_list, name="conflicts"),
    path("conflicts/new/", conflicts.conflict_new, name="conflict_new"),
    path("conflicts/<int:pk>/", conflicts.conflict, name="conflict"),
    path("conflicts/<int:pk>/evidence/", conflicts.evidence_add, name="evidence_add"),
    path("conflicts/<int:pk>/decide/", conflicts.conflict_decide, name="conflict_decide"),
]
