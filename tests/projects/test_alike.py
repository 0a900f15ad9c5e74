"""The flag that compares whole sentences with known wrong ones, and the file it was taught."""

import dataclasses

from projects.flag_alike import Model, fragments, heaviest, learnt, likenesses, nearest_known, sentences
from projects.flag_text import Folded
from projects.flags import COMPARES, flags_of
from tests.projects.teaching import TABLES, known_of, taught
from tests.projects.wordings import ON, RULES, SOUND
from tests.projects.wordings_fresh import TWENTY_FIRST
from tests.projects.wordings_relations import MISSED

SUSPECT = "管理人每年应促成不少于两家已投企业来区布局产线，未完成的，当年管理费减半计提。"
HARMLESS = "本政策由区经信局负责解释。"


def said(text, rules=RULES, **stated):
    return {flag.code: flag for flag in flags_of(dataclasses.replace(SOUND, text=text, **stated), rules, ON)}


def test_a_sentence_no_wording_finds_is_held_against_known_ones_and_the_flag_says_why():
    flag = said(f"{HARMLESS}{SUSPECT}")["alike"]
    assert [(hit.field, hit.words) for hit in flag.hits] == [("text", SUSPECT.rstrip("。"))]
    assert "最接近的已知写法是「" in flag.reason
    assert all(words in SUSPECT for words in flag.reason.split("」这样的写法")[0][1:].split("」「"))


def test_where_words_are_found_nothing_is_compared():
    assert said(f"{SUSPECT}按地方留成的30%奖励，最高50万元。").keys() == {"tax_linked"}


def test_what_a_rule_spares_for_being_public_is_not_suspected_for_its_words():
    clause = "经开区内新办企业的职工养老、医疗保险费单位部分按50%减征，由管委会结算。"
    assert said(clause).keys() == set()
    assert said(clause, scope="single").keys() == {"fee_relief", "specific_firm"}


def test_a_missing_document_does_not_silence_it():
    assert said(SUSPECT, basis="").keys() == {"alike", "no_basis"}


def test_without_its_rule_nothing_is_compared():
    rules = [rule for rule in RULES if rule.check != COMPARES]
    assert said(SUSPECT, rules) == {}


def test_short_and_unreadable_sentences_are_not_compared():
    assert list(sentences("给予奖励。" * 3)) == []
    assert said("12345678901234567890").keys() == {"unreadable"}


def test_numbers_are_read_as_one_and_far_characters_make_no_pair():
    assert fragments("补500万") == fragments("补三百万")
    assert "甲~壬" in fragments("甲乙丙丁戊己庚辛壬癸")
    assert "甲~癸" not in fragments("甲乙丙丁戊己庚辛壬癸")


def test_the_explanation_shows_the_runs_that_weigh_most_and_none_inside_another():
    model = Model(
        {"布局": 2.0, "布局产": 3.0, "管理费": 1.0, "管~费": 9.0}, 0.0, (("reinvestment", "布局产线的企业"),)
    )
    assert heaviest("来区布局产线的管理费", model)[:2] == ("布局产", "管理费")
    assert nearest_known("来区布局产线", model) == ("reinvestment", "布局产线的企业")
    (found,) = likenesses(Folded("来区布局产线的管理费减半"), model)
    assert (found.codes, found.points > 0) == (("reinvestment",), True)


def test_it_knows_the_wordings_of_today():
    assert learnt().known == known_of([row for table in TABLES for row in taught(table)])


def test_it_finds_most_of_what_it_was_never_taught_and_no_word_gives_away():
    assert sum("alike" in said(text) for text in MISSED) >= len(MISSED) * 0.6


def test_it_was_taught_what_it_missed():
    compared = [wording for wording in TWENTY_FIRST if wording.codes == {"alike"}]
    assert len(compared) >= 20
    assert [wording.item.text for wording in compared if "alike" not in said(wording.item.text)] == []
