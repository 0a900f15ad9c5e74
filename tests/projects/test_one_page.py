"""项目一页纸: what a leader reads before a meeting."""

import re
from datetime import timedelta

from django.urls import reverse

from leads.follow_up import FollowUp, log_visit
from tests import make


def address(project):
    return reverse("projects:one_page", args=[project.pk])


def test_it_says_who_how_much_how_long_and_what_the_leader_is_asked(as_, owner, freeze):
    project = make.project(owner, name="杭州一页科技有限公司")
    client = as_(owner)
    form = client.get(reverse("projects:edit", args=[project.pk])).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields if name not in {"carriers", "tracks"}}
    sent |= {"amount_wan": "8000", "problems": "电力不足", "for_leader": "请约见市供电公司", "carriers": []}
    assert client.post(reverse("projects:edit", args=[project.pk]), sent).status_code == 302
    freeze(make.NOW + timedelta(days=5))
    page = as_(owner).get(address(project)).content.decode()
    for words in ("杭州一页科技有限公司", "8,000 万元", "在谈，5 天", "电力不足", "请约见市供电公司"):
        assert words in page
    assert address(project) in as_(owner).get(project.get_absolute_url()).content.decode()


def test_of_many_contacts_the_last_three_stand_there_newest_first(as_, owner):
    project = make.project(owner)
    for day in range(1, 6):
        at = make.NOW + timedelta(days=day)
        talk = FollowUp("call", f"第{day}次长谈", "再谈", (at + timedelta(days=3)).date(), at)
        log_visit(project.lead, talk, by=owner, at=at)
    page = as_(owner).get(address(project)).content.decode()
    told = [page.find(f"第{day}次长谈") for day in (5, 4, 3)]
    assert told == sorted(told)
    assert told[0] > 0
    assert "第2次长谈" not in page


def pdf_of(client, project):
    answer = client.get(reverse("projects:one_page_file", args=[project.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return b"".join(answer.streaming_content)


def test_the_pdf_stands_on_one_a4_with_its_letters_in_it_however_much_is_written(as_, owner):
    project = make.project(owner, name="杭州一页科技有限公司", amount_wan=8000)
    project.problems, project.demands = "电力不足。" * 150, "需要研发用房。" * 150
    project.save()
    for day in range(1, 5):
        at = make.NOW + timedelta(days=day)
        talk = FollowUp("call", "长谈" * 300, "再谈", (at + timedelta(days=3)).date(), at)
        log_visit(project.lead, talk, by=owner, at=at)
    client = as_(owner)
    assert (
        reverse("projects:one_page_file", args=[project.pk]) in client.get(address(project)).content.decode()
    )
    data = pdf_of(client, project)
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b(?!s)", data)) == 1
    assert b"/MediaBox [0 0 595.28 841.89]" in data
    assert b"/FontFile" in data
    assert b"/Encoding /Identity-H" in data  # what programs that search and copy the words understand
    assert len(data) < 300_000


def test_page_and_pdf_say_the_same_words(as_, owner, monkeypatch):
    drawn = []
    monkeypatch.setattr("crm.pdf.sheet", lambda title, blocks, **rest: drawn.extend(blocks) or b"%PDF-")
    project = make.project(owner, amount_wan=8000)
    talk = FollowUp("call", "谈" * 200, "再谈", (make.NOW + timedelta(days=3)).date(), make.NOW)
    log_visit(project.lead, talk, by=owner, at=make.NOW)
    client = as_(owner)
    pdf_of(client, project)
    cells = [cell for kind, *rest in drawn if kind == "row" for cell in rest[0]]
    said = [words for _, words, _ in cells] + [rest[0] for kind, *rest in drawn if kind == "text"]
    page = re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", client.get(address(project)).content.decode()))
    assert len(said) > 20
    assert [words for words in said if re.sub(r"\s+", "", words) not in page] == []


def test_a_machine_without_a_chinese_font_offers_no_pdf_and_says_why(as_, owner, monkeypatch):
    monkeypatch.setattr("crm.pdf.font", lambda: "")
    project, client = make.project(owner), as_(owner)
    file = reverse("projects:one_page_file", args=[project.pk])
    assert file not in client.get(address(project)).content.decode()
    refused = client.get(file)
    assert refused.status_code == 409
    assert "没有中文字体" in refused.content.decode()


def test_a_drawing_that_fails_is_an_answer_in_words(as_, owner, monkeypatch, tmp_path):
    broken = tmp_path / "broken.ttc"
    broken.write_bytes(b"no font")
    monkeypatch.setattr("crm.pdf.font", lambda: str(broken))
    file = reverse("projects:one_page_file", args=[make.project(owner).pk])
    answer = as_(owner).get(file)
    assert answer.status_code == 503
    assert "PDF 没有生成" in answer.content.decode()
