"""Papers a review rests on: asked for where it cites them, honest files, seen by whoever sees the project."""

import pytest

from django.urls import reverse

from crm.models import Setting
from crm.uploads import PaperRefused
from projects.incentives import draft
from projects.models import FairReview, ItemReview, Paper, PaperContent
from projects.papers import keep, with_files
from projects.receipts import withdraw
from projects.reviewing import ReviewRefused, Verdict, conclude, review
from tests import callers, make

TAXED = {"kind": "other", "text": "前三年按企业对地方经济贡献的 70% 给予扶持。", "scope": "single"}
PLAIN = {
    "kind": "rent",
    "text": "按实际租金的50%补贴，每年最高30万元",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "budget_source": "市级专项资金",
}
OPINION = {"opinion_number": "拱市监函〔2026〕3号", "opinion_on": make.NOW.date()}


@pytest.fixture
def project(owner):
    return make.project(owner)


def item(project, owner, content=PLAIN):
    return draft(project, content, by=owner, at=make.NOW)


def posted(item, **more):
    verdict = {"digest": item.digest, "conclusion": "conforms", "reason": "公开政策。"}
    opinion = {"opinion_number": "拱市监函〔2026〕3号", "opinion_on": "2026-04-20"}
    return {**verdict, **opinion, **more}


def test_a_serious_flag_is_not_cleared_without_the_file(project, owner, reviewer, now):
    taxed = item(project, owner, TAXED)
    with pytest.raises(ReviewRefused, match="税收挂钩.*请上传意见文件") as refusal:
        review(taxed, Verdict("conforms", "统计口径。", **OPINION), digest=taxed.digest, by=reviewer, at=now)
    assert (refusal.value.code, refusal.value.field) == ("paper_required", "paper")
    assert not ItemReview.objects.exists()


def test_an_opinion_that_is_cited_is_on_file_and_a_file_has_its_number(project, owner, reviewer, now):
    plain = item(project, owner)
    for verdict, code in (
        (Verdict("conforms", "有意见。", **OPINION), "paper_required"),
        (Verdict("conforms", "有意见。", paper=make.paper()), "opinion_required"),
    ):
        with pytest.raises(ReviewRefused, match="引用了市场监管部门意见") as refusal:
            review(plain, verdict, digest=plain.digest, by=reviewer, at=now)
        assert refusal.value.code == code
    assert not Paper.objects.exists()


def test_what_is_refused_needs_no_opinion(project, owner, reviewer, now):
    taxed = item(project, owner, TAXED)
    made = review(taxed, Verdict("violates", "与税收挂钩。"), digest=taxed.digest, by=reviewer, at=now)
    assert made.paper is None


def test_the_set_is_not_concluded_without_the_legal_paper(project, owner, reviewer, now):
    plain = item(project, owner)
    review(plain, Verdict("conforms", "公开政策。"), digest=plain.digest, by=reviewer, at=now)
    with pytest.raises(ReviewRefused, match="请上传合法性审查文件"):
        conclude(project, number="公审1号", legal_number="合审1号", by=reviewer, at=now)
    assert not FairReview.objects.exists()


def test_the_page_takes_the_file_offers_it_again_and_shows_it(as_, project, owner, reviewer, freeze):
    freeze(make.NOW)
    one, two = item(project, owner, TAXED), item(project, owner, TAXED)
    client = as_(reviewer)
    address = reverse("projects:incentive_review", args=[one.pk])
    refused = client.post(address, posted(one))
    assert refused.status_code == 400
    assert "请上传意见文件" in refused.content.decode()
    client.post(address, posted(one, paper=make.paper("市监意见.pdf")))
    kept = Paper.objects.get()
    second = reverse("projects:incentive_review", args=[two.pk])
    client.post(second, posted(two, known_paper=kept.pk))
    assert [made.paper for made in ItemReview.objects.all()] == [kept, kept]
    concluding = {
        "number": "公审1号",
        "legal_number": "合审1号",
        "paper": make.paper("合法性.docx", b"PK\x03\x04x"),
    }
    client.post(reverse("projects:conclude", args=[project.pk]), concluding)
    sheet = as_(owner).get(reverse("projects:incentives", args=[project.pk])).content.decode()
    assert f'<a href="{kept.get_absolute_url()}">市监意见.pdf</a>' in sheet
    assert "合法性.docx</a>" in sheet


def test_a_paper_of_another_project_is_not_offered_nor_taken(as_, project, owner, reviewer, now, freeze):
    freeze(now)
    other = make.project(owner)
    item(other, owner)
    foreign = keep(other, make.paper(), by=reviewer, at=now)
    taxed = item(project, owner, TAXED)
    answer = as_(reviewer).post(
        reverse("projects:incentive_review", args=[taxed.pk]), posted(taxed, known_paper=foreign.pk)
    )
    assert answer.status_code == 400
    with pytest.raises(PaperRefused, match="属于别的项目"):
        review(
            taxed,
            Verdict("conforms", "统计口径。", **OPINION, paper=foreign),
            digest=taxed.digest,
            by=reviewer,
            at=now,
        )
    assert not ItemReview.objects.exists()


def test_whoever_sees_the_project_saves_it_as_it_was_and_nobody_else(
    as_, project, owner, teammate, outsider, fund_user, admin_user, leader, reviewer, now
):
    item(project, owner)
    paper = keep(project, make.paper("市监 意见（盖章）.pdf"), by=reviewer, at=now)
    for person in (owner, teammate, leader, reviewer):
        answer = as_(person).get(paper.get_absolute_url())
        assert b"".join(answer.streaming_content) == make.paper().read()
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
    for person in (outsider, fund_user, admin_user):
        assert as_(person).get(paper.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    "name, data, match",
    [
        ("意见.pdf", b"", "是空的"),
        ("意见.pdf", b"MZ\x90\x00", "内容不是 PDF"),
        ("意见.exe", b"MZ\x90\x00", "请上传 PDF、OFD"),
        ("意见.html", b"<script>", "请上传 PDF、OFD"),
        ("意见", b"%PDF-1.4", "请上传 PDF、OFD"),
        ("意见.pdf.exe", b"%PDF-1.4", "请上传 PDF、OFD"),
        ("意见.png", b"%PDF-1.4", "内容不是 PNG"),
        ("意见.pdf", b"%PDF-" + b"x" * 1024 * 1024, "超过 1 MB 的上限"),
    ],
)
def test_what_is_no_paper_is_refused_and_not_kept(project, owner, now, name, data, match):
    Setting.objects.create(key="attachment_mb", value=1)
    with pytest.raises(PaperRefused, match=match):
        keep(project, make.paper(name, data), by=owner, at=now)
    assert not PaperContent.objects.exists()


@pytest.mark.parametrize("name", ["意见.PDF", "C:\\公文\\意见.pdf", "长" * 300 + ".pdf", "意\u202e见.pdf"])
def test_strange_names_are_kept_in_bounds(project, owner, now, name):
    paper = keep(project, make.paper(name), by=owner, at=now)
    assert paper.kind == "pdf"
    assert len(paper.name) <= 120
    assert not {"\\", "/", "\u202e"} & set(paper.name)


def test_a_list_of_reviews_loads_no_bytes(project, owner, now, django_assert_num_queries):
    keep(project, make.paper(), by=owner, at=now)
    with django_assert_num_queries(1) as asked:
        assert [paper.name for paper in project.papers.all()] == ["意见.pdf"]
    assert "papercontent" not in asked.captured_queries[0]["sql"]


@pytest.fixture
def records(project, owner):
    """One of everything that carries files, by the name of its address."""
    agreement, receipt = make.agreement(project, owner), make.receipt(project, owner)
    proof = make.evidence(project, "registration", by=owner)[0]
    return {
        "agreements": agreement,
        "evidence": proof,
        "receipts": receipt,
        "incentives": item(project, owner),
    }


def files_of(project, place, row):
    return f"/projects/{project.pk}/{place}/{row.pk}/papers/"


def test_a_record_carries_as_many_files_as_it_has_for_whoever_sees_the_project(
    as_, project, records, owner, leader, reviewer, outsider
):
    for place, row in records.items():
        url = files_of(project, place, row)
        for name in ("一.pdf", "二.pdf"):
            assert as_(owner).post(url, {"paper": make.paper(name)}).status_code == 302
        assert [paper.name for paper in row.papers.order_by("pk")] == ["一.pdf", "二.pdf"]
        assert {paper.project for paper in row.papers.all()} == {project}
        shown = as_(leader).get(url).content.decode()
        assert shown.index("一.pdf") < shown.index("二.pdf")
        assert "上传一份" not in shown
        assert as_(leader).post(url, {"paper": make.paper()}).status_code == 403
        assert as_(outsider).post(url, {"paper": make.paper()}).status_code == 404
        saved = as_(leader).get(row.papers.last().get_absolute_url())
        assert b"".join(saved.streaming_content) == make.paper().read()
    assert Paper.objects.count() == 8
    assert as_(reviewer).get(files_of(project, "incentives", records["incentives"])).status_code == 200


def test_a_file_that_is_none_is_refused_and_so_is_one_for_what_was_withdrawn(as_, project, records, owner):
    url = files_of(project, "agreements", records["agreements"])
    assert "请选择要上传的文件" in as_(owner).post(url).content.decode()
    assert "内容不是 PDF" in as_(owner).post(url, {"paper": make.paper("a.pdf", b"MZ")}).content.decode()
    receipt = records["receipts"]
    withdraw(receipt, "写错", by=owner, at=make.NOW)
    gone = as_(owner).post(files_of(project, "receipts", receipt), {"paper": make.paper()})
    assert "已经撤销，不再收文件" in gone.content.decode()
    assert not Paper.objects.exists()


def test_an_address_joins_no_record_to_another_project(as_, project, records, owner):
    other = make.project(owner)
    for place, row in records.items():
        assert as_(owner).post(files_of(other, place, row), {"paper": make.paper()}).status_code == 404
    assert not Paper.objects.exists()


def test_the_files_stand_beside_their_records_by_one_query_and_none_is_offered_as_an_opinion(
    as_, project, records, owner, reviewer, django_assert_num_queries
):
    client = as_(owner)
    for place, row in records.items():
        client.post(files_of(project, place, row), {"paper": make.paper(f"{place}.pdf")})
    detail = client.get(project.get_absolute_url()).content.decode()
    assert "agreements.pdf</a>" in detail
    assert "evidence.pdf</a>" in detail
    assert "receipts.pdf</a>" in client.get(f"/projects/{project.pk}/receipts/").content.decode()
    assert "incentives.pdf</a>" in client.get(f"/projects/{project.pk}/incentives/").content.decode()
    with django_assert_num_queries(1):
        with_files(project, [records["agreements"]], [records["evidence"]])
    form = as_(reviewer).get(records["incentives"].get_absolute_url()).context["form"]
    assert not form.fields["known_paper"].queryset.exists()


def test_a_proof_a_receipt_and_a_promise_are_entered_with_their_files(as_, project, owner):
    client = as_(owner)
    proof = {
        "evidence-kind": "registration",
        "evidence-event_on": "2026-04-20",
        "evidence-paper": make.paper(),
    }
    assert client.post(f"/projects/{project.pk}/evidence/", proof).status_code == 302
    money = {"amount_wan": "10", "received_on": "2026-04-01", "purpose": "实缴", "proof": "bank"}
    money |= {"proof_number": "工行 1", "paper": make.paper("回单.png", b"\x89PNG\r\n\x1a\nx")}
    assert client.post(f"/projects/{project.pk}/receipts/", money).status_code == 302
    promise = {
        "kind": "rent",
        "text": "首年租金减半",
        "has_case_approval": "on",
        "paper": make.paper("批复.pdf"),
    }
    assert client.post(f"/projects/{project.pk}/incentives/new/", promise).status_code == 302
    made = Paper.objects.get(name="批复.pdf").incentive
    assert made.has_case_approval
    assert "批复.pdf</a>" in client.get(made.get_absolute_url()).content.decode()
    assert {paper.record[0] for paper in Paper.objects.all()} == {"evidence", "receipt", "incentive"}
    more = {"kind": "rent", "text": "首年租金减半", "has_case_approval": "on", "version": 1}
    edited = client.post(f"/incentives/{made.pk}/edit/", {**more, "paper": make.paper("批复二.pdf")})
    assert (edited.status_code, made.papers.count(), made.drafts.count()) == (302, 2, 1)


def test_the_api_takes_a_file_for_a_record_and_says_of_which_it_is(project, records, owner, leader, reviewer):
    caller = callers.person(owner)
    address = f"/api/v1/projects/{project.pk}/papers/"

    def sent(client, **more):
        return client.post(address, {"file": make.paper(), **more})

    made = sent(caller.client, agreement=records["agreements"].pk)
    assert (made.status_code, made.json()["agreement"], made.json()["receipt"]) == (
        201,
        records["agreements"].pk,
        None,
    )
    listed = callers.person(leader).get(f"projects/{project.pk}/papers/").json()["results"]
    assert listed == [made.json()]
    both = sent(caller.client, agreement=records["agreements"].pk, receipt=records["receipts"].pk)
    assert (both.status_code, sent(caller.client, receipt=999999).status_code) == (400, 400)
    assert sent(caller.client).status_code == 403
    assert sent(callers.person(leader).client, receipt=records["receipts"].pk).status_code == 403
    assert sent(callers.person(reviewer).client, receipt=records["receipts"].pk).status_code == 403
    assert sent(callers.person(reviewer).client).status_code == 201
    assert Paper.objects.count() == 2


def test_a_newer_file_of_the_same_name_takes_the_place_of_the_older_one_and_says_so(as_, owner):
    project = make.project(owner)
    (row,) = make.evidence(project, "proposal", by=owner)
    url, client = f"/projects/{project.pk}/evidence/{row.pk}/papers/", as_(owner)
    for name in ("建议书.pdf", "附件.pdf", "建议书.PDF"):
        client.post(url, {"paper": make.paper(name)})
    page = client.get(url).content.decode()
    assert page.count("第 1 版，已有新版") == page.count("第 2 版，现行") == 1
    assert [paper.name for paper in Paper.objects.order_by("pk")] == ["建议书.pdf", "附件.pdf", "建议书.PDF"]
    found = client.get(f"{project.get_absolute_url()}?timeline=files")
    assert [entry.kind for entry in found.context["shown"].entries].count("paper") == 3


def test_a_newer_material_of_the_same_kind_takes_the_place_of_the_older_one(as_, owner):
    project = make.project(owner)
    make.evidence(project, "proposal", "diligence", by=owner)
    make.evidence(project, "proposal", by=owner)
    page = as_(owner).get(project.get_absolute_url()).content.decode()
    assert page.count("第 1 版，已有新版") == page.count("第 2 版，现行") == 1


def test_a_refused_proof_says_that_its_file_has_to_be_chosen_again(as_, owner, project):
    answer = as_(owner).post(
        f"/projects/{project.pk}/evidence/", {"evidence-kind": "proposal", "evidence-paper": make.paper()}
    )
    assert answer.status_code == 400
    assert "已填的都还在，文件要再选一次" in answer.content.decode()
    answer = as_(owner).post(f"/projects/{project.pk}/evidence/", {"evidence-kind": "proposal"})
    assert "已填的都还在。" in answer.content.decode()
