"""The REST API on one page: /api/v1/."""

from django.urls import include, path, re_path

from crm.api.root import RootViewSet, docs
from crm.api.vocabularies import VocabularyViewSet
from leads.api import LeadViewSet
from leads.api_claims import ClaimViewSet
from leads.api_conflicts import ConflictViewSet
from leads.api_duplicates import DuplicateViewSet, UnmergeViewSet
from leads.api_feedback import FeedbackViewSet
from leads.api_handovers import HandoverViewSet
from leads.api_links import LeadLinkViewSet
from leads.api_pool import PoolViewSet
from leads.api_qualifications import LeadQualificationViewSet
from projects.agreements_api import AgreementViewSet, ReceiptViewSet
from projects.api import AcceptanceViewSet, LeadStepViewSet, ProjectViewSet
from projects.api_steps import StepViewSet
from projects.bases_api import BasisViewSet
from projects.chain_api import ChainViewSet
from projects.commitments_api import CommitmentViewSet
from projects.criteria_api import CriteriaViewSet, PolicyCriteriaViewSet
from projects.deliveries_api import DeliveryViewSet
from projects.facts_api import LeadFactViewSet, ProjectFactViewSet
from projects.funds_api import FundViewSet
from projects.handovers_api import ProjectHandoverViewSet
from projects.incentives_api import IncentiveViewSet
from projects.links_api import ProjectLinkViewSet
from projects.match_changes_api import MatchChangeViewSet
from projects.orders_api import OrderViewSet
from projects.papers_api import PaperViewSet
from projects.policies_api import PolicyViewSet
from projects.qualifications_api import (
    LeadCheckedViewSet,
    ProjectCheckedViewSet,
    ProjectQualificationViewSet,
)
from projects.referrals_api import ReferralViewSet
from projects.spaces_api import ComputeOfferViewSet, ProjectSpaceViewSet, SpaceViewSet

v1 = [
    path("", RootViewSet.as_view({"get": "places"}), name="root"),
    path("schema/", RootViewSet.as_view({"get": "openapi"}), name="schema"),
    path("docs/", docs, name="docs"),
    path("vocabularies/", VocabularyViewSet.as_view({"get": "list"}), name="vocabularies"),
    path("leads/", LeadViewSet.as_view({"get": "list", "post": "create"}), name="leads"),
    path("leads/<int:pk>/", LeadViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="lead"),
    path("leads/<int:pk>/move/", LeadStepViewSet.as_view({"post": "move"}), name="lead_move"),
    path(
        "leads/<int:pk>/visits/", LeadViewSet.as_view({"get": "visits", "post": "log_visit"}), name="visits"
    ),
    path("leads/<int:pk>/claim/", ClaimViewSet.as_view({"get": "claim"}), name="claim"),
    path("leads/<int:pk>/claim/extend/", ClaimViewSet.as_view({"post": "extend_claim"}), name="claim_extend"),
    path(
        "leads/<int:pk>/feedback/",
        FeedbackViewSet.as_view({"get": "feedback", "post": "feed_back"}),
        name="feedback",
    ),
    path(
        "leads/<int:pk>/qualifications/",
        LeadQualificationViewSet.as_view({"get": "qualifications"}),
        name="lead_qualifications",
    ),
    path(
        "leads/<int:pk>/qualifications/checked/",
        LeadCheckedViewSet.as_view({"post": "check"}),
        name="lead_qualifications_checked",
    ),
    path(
        "leads/<int:pk>/facts/",
        LeadFactViewSet.as_view({"get": "facts", "post": "record"}),
        name="lead_facts",
    ),
    *(
        path(
            f"leads/<int:pk>/facts/<int:row>/{deed}/",
            LeadFactViewSet.as_view({"post": f"{deed}_fact"}),
            name=f"lead_fact_{deed}",
        )
        for deed in ("choose", "withdraw")
    ),
    path(
        "leads/<int:pk>/links/",
        LeadLinkViewSet.as_view({"get": "links", "post": "link"}),
        name="lead_links",
    ),
    path(
        "leads/<int:pk>/links/<int:row>/end/",
        LeadLinkViewSet.as_view({"post": "end"}),
        name="lead_link_end",
    ),
    path("leads/<int:pk>/pool/", PoolViewSet.as_view({"post": "give"}), name="pool_give"),
    path("pool/", PoolViewSet.as_view({"get": "list"}), name="pool"),
    path("pool/<int:pk>/take/", PoolViewSet.as_view({"post": "take"}), name="pool_take"),
    path("leads/<int:pk>/handover/", HandoverViewSet.as_view({"post": "hand_over"}), name="hand_over"),
    path("handovers/", HandoverViewSet.as_view({"get": "list"}), name="handovers"),
    *(
        path(f"handovers/<int:pk>/{deed}/", HandoverViewSet.as_view({"post": deed}), name=f"handover_{deed}")
        for deed in ("accept", "refuse", "approve", "withdraw")
    ),
    path("duplicates/", DuplicateViewSet.as_view({"get": "list"}), name="duplicates"),
    path("duplicates/<int:pk>/", DuplicateViewSet.as_view({"get": "retrieve"}), name="duplicate"),
    path("duplicates/<int:pk>/judge/", DuplicateViewSet.as_view({"post": "judge"}), name="duplicate_judge"),
    path(
        "duplicates/<int:pk>/reopen/",
        DuplicateViewSet.as_view({"post": "take_back"}),
        name="duplicate_reopen",
    ),
    path("leads/<int:pk>/unmerge/", UnmergeViewSet.as_view({"post": "unmerge"}), name="unmerge"),
    path("conflicts/", ConflictViewSet.as_view({"get": "list", "post": "open"}), name="conflicts"),
    path("conflicts/<int:pk>/", ConflictViewSet.as_view({"get": "retrieve"}), name="conflict"),
    path(
        "conflicts/<int:pk>/evidence/",
        ConflictViewSet.as_view({"get": "evidence", "post": "add_evidence"}),
        name="conflict_evidence",
    ),
    path("conflicts/<int:pk>/decide/", ConflictViewSet.as_view({"post": "decide"}), name="conflict_decide"),
    path("leads/<int:pk>/accept/", AcceptanceViewSet.as_view({"post": "accept"}), name="accept"),
    path("projects/", ProjectViewSet.as_view({"get": "list"}), name="projects"),
    path("projects/<int:pk>/", ProjectViewSet.as_view({"get": "retrieve"}), name="project"),
    path("projects/<int:pk>/move/", ProjectViewSet.as_view({"post": "move"}), name="project_move"),
    path(
        "projects/<int:pk>/handover/",
        ProjectHandoverViewSet.as_view({"post": "hand_over"}),
        name="project_hand_over",
    ),
    path("projects/<int:pk>/matches/", ProjectViewSet.as_view({"get": "matches"}), name="matches"),
    path("match-changes/", MatchChangeViewSet.as_view({"get": "list"}), name="match_changes"),
    path(
        "projects/<int:pk>/agreements/",
        AgreementViewSet.as_view({"get": "agreements", "post": "sign"}),
        name="agreements",
    ),
    path(
        "projects/<int:pk>/agreements/<int:row>/",
        AgreementViewSet.as_view({"get": "agreement", "patch": "correct"}),
        name="agreement",
    ),
    path(
        "projects/<int:pk>/agreements/<int:row>/count/",
        AgreementViewSet.as_view({"post": "count"}),
        name="agreement_count",
    ),
    path(
        "projects/<int:pk>/commitments/",
        CommitmentViewSet.as_view({"get": "commitments", "post": "promise"}),
        name="commitments",
    ),
    path(
        "projects/<int:pk>/commitments/<int:row>/",
        CommitmentViewSet.as_view({"get": "commitment", "patch": "restate"}),
        name="commitment",
    ),
    path(
        "projects/<int:pk>/commitments/<int:row>/judge/",
        CommitmentViewSet.as_view({"post": "judge"}),
        name="commitment_judge",
    ),
    path(
        "projects/<int:pk>/receipts/",
        ReceiptViewSet.as_view({"get": "receipts", "post": "receive"}),
        name="receipts",
    ),
    path(
        "projects/<int:pk>/receipts/<int:row>/withdraw/",
        ReceiptViewSet.as_view({"post": "withdraw"}),
        name="receipt_withdraw",
    ),
    path("projects/<int:pk>/suspend/", StepViewSet.as_view({"post": "suspend"}), name="project_suspend"),
    path("projects/<int:pk>/resume/", StepViewSet.as_view({"post": "resume"}), name="project_resume"),
    path(
        "projects/<int:pk>/passes/",
        StepViewSet.as_view({"get": "passes", "post": "record_pass"}),
        name="project_passes",
    ),
    path(
        "projects/<int:pk>/passes/withdraw/",
        StepViewSet.as_view({"post": "withdraw_pass"}),
        name="project_pass_withdraw",
    ),
    path(
        "projects/<int:pk>/incentives/",
        IncentiveViewSet.as_view({"get": "incentives", "post": "draft"}),
        name="incentives",
    ),
    path(
        "projects/<int:pk>/incentives/<int:row>/",
        IncentiveViewSet.as_view({"get": "incentive", "patch": "amend"}),
        name="incentive",
    ),
    *(
        path(
            f"projects/<int:pk>/incentives/<int:row>/{deed}/",
            IncentiveViewSet.as_view({"post": deed}),
            name=f"incentive_{deed}",
        )
        for deed in ("remove", "review")
    ),
    path(
        "projects/<int:pk>/fair-review/",
        IncentiveViewSet.as_view({"get": "fair_review", "post": "conclude"}),
        name="fair_review",
    ),
    path(
        "projects/<int:pk>/qualifications/",
        ProjectQualificationViewSet.as_view({"get": "qualifications"}),
        name="project_qualifications",
    ),
    path(
        "projects/<int:pk>/qualifications/checked/",
        ProjectCheckedViewSet.as_view({"post": "check"}),
        name="project_qualifications_checked",
    ),
    path(
        "projects/<int:pk>/facts/",
        ProjectFactViewSet.as_view({"get": "facts", "post": "record"}),
        name="project_facts",
    ),
    *(
        path(
            f"projects/<int:pk>/facts/<int:row>/{deed}/",
            ProjectFactViewSet.as_view({"post": f"{deed}_fact"}),
            name=f"project_fact_{deed}",
        )
        for deed in ("choose", "withdraw")
    ),
    path(
        "projects/<int:pk>/links/",
        ProjectLinkViewSet.as_view({"get": "links", "post": "link"}),
        name="project_links",
    ),
    path(
        "projects/<int:pk>/links/<int:row>/end/",
        ProjectLinkViewSet.as_view({"post": "end"}),
        name="project_link_end",
    ),
    path(
        "projects/<int:pk>/papers/",
        PaperViewSet.as_view({"get": "papers", "post": "upload"}),
        name="papers",
    ),
    path(
        "projects/<int:pk>/referrals/",
        ReferralViewSet.as_view({"get": "of_project", "post": "refer"}),
        name="project_referrals",
    ),
    path("referrals/", ReferralViewSet.as_view({"get": "list"}), name="referrals"),
    path(
        "referrals/<int:pk>/steps/",
        ReferralViewSet.as_view({"get": "steps", "post": "advance"}),
        name="referral_steps",
    ),
    path(
        "referrals/<int:pk>/steps/<int:row>/",
        ReferralViewSet.as_view({"patch": "correct"}),
        name="referral_step",
    ),
    path(
        "referrals/<int:pk>/steps/<int:row>/undo/",
        ReferralViewSet.as_view({"post": "undo"}),
        name="referral_step_undo",
    ),
    path(
        "projects/<int:pk>/spaces/",
        ProjectSpaceViewSet.as_view({"get": "candidates"}),
        name="project_spaces",
    ),
    path(
        "projects/<int:pk>/space-matches/",
        ProjectSpaceViewSet.as_view({"get": "space_matches"}),
        name="space_matches",
    ),
    path(
        "projects/<int:pk>/compute-matches/",
        ProjectSpaceViewSet.as_view({"get": "compute_matches"}),
        name="compute_matches",
    ),
    path("spaces/", SpaceViewSet.as_view({"get": "list"}), name="spaces"),
    path("spaces/<int:pk>/", SpaceViewSet.as_view({"get": "retrieve"}), name="space"),
    path("compute-offers/", ComputeOfferViewSet.as_view({"get": "list"}), name="compute_offers"),
    path("orders/", OrderViewSet.as_view({"get": "list"}), name="orders"),
    path("orders/<int:pk>/", OrderViewSet.as_view({"get": "retrieve"}), name="order"),
    path("orders/<int:pk>/reply/", OrderViewSet.as_view({"post": "reply"}), name="order_reply"),
    path("orders/<int:pk>/close/", OrderViewSet.as_view({"post": "close"}), name="order_close"),
    path("deliveries/", DeliveryViewSet.as_view({"get": "list"}), name="deliveries"),
    path("chain/", ChainViewSet.as_view({"get": "list"}), name="chain"),
    path("bases/", BasisViewSet.as_view({"get": "clauses", "post": "add"}), name="bases"),
    path("bases/preview/", BasisViewSet.as_view({"post": "preview_new"}), name="basis_preview_new"),
    path("bases/<int:pk>/", BasisViewSet.as_view({"get": "clause", "patch": "change"}), name="basis"),
    path("bases/<int:pk>/preview/", BasisViewSet.as_view({"post": "preview_change"}), name="basis_preview"),
    path("funds/", FundViewSet.as_view({"get": "list", "post": "add"}), name="funds"),
    path("funds/<int:pk>/", FundViewSet.as_view({"get": "retrieve", "patch": "change"}), name="fund"),
    path(
        "funds/<int:pk>/criteria/",
        CriteriaViewSet.as_view({"get": "versions", "post": "publish"}),
        name="fund_criteria",
    ),
    path("policies/", PolicyViewSet.as_view({"get": "list", "post": "add"}), name="policies"),
    path("policies/<int:pk>/", PolicyViewSet.as_view({"get": "retrieve", "patch": "change"}), name="policy"),
    path(
        "policies/<int:pk>/criteria/",
        PolicyCriteriaViewSet.as_view({"get": "versions", "post": "publish"}),
        name="policy_criteria",
    ),
]
nowhere = RootViewSet.as_view(dict.fromkeys(["get", "post", "put", "patch", "delete"], "catch_all"))

urlpatterns = [
    path("v1/", include((v1, "api"))),
    re_path(r"^(?P<rest>.*)$", nowhere),
]
