"""A clause as the flags read it: folded to one way of writing, and the way back to the original. Pure."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

TURNS = (
    "不", "未", "拒", "拖", "减少", "扣减", "降低", "低于", "少于", "停止", "停发", "中止", "延迟", "延期",
    "延误", "而", "但", "却", "改为", "改按", "改以", "仅", "只", "除", "额外", "上浮", "突破", "叠加",
    "基础上", "上限", "确保", "保证", "并由", "并按", "并给予", "收取",
)  # fmt: skip
NUMERALS = "零〇一二三四五六七八九十百千两半几数壹贰叁肆伍陆柒捌玖拾"
ANY = f"[0-9{NUMERALS}]"
RATE = (
    rf"[0-9]{{1,6}}(?:\.[0-9]{{1,4}})?[%‰]|[百千]分之[0-9{NUMERALS}点]{{1,6}}"
    rf"|[{NUMERALS}]{{1,3}}分之[{NUMERALS}]{{1,3}}|{ANY}{{1,3}}成[{NUMERALS}]?|0\.[0-9]{{1,4}}(?![0-9元万亿])"
    rf"|[0-9.]{{1,4}}:[0-9.]{{1,4}}|[0-9{NUMERALS}点.]{{1,6}}倍|{ANY}{{1,3}}个?(?:百分)?点(?!{ANY})"
    rf"|[{NUMERALS}]{{1,2}}折"
)
SHAPES = {
    "rate": re.compile(RATE),
    "share": re.compile(RATE + "|一半|半数|减半|全额|等额|等值|同等金额"),
    "years": re.compile(rf"{ANY}{{1,4}}个?(?:周?年|月|会计年度|自然年度|年度)|长期|永久|终身|存续期|经营期"),
    "holiday": re.compile(rf"{ANY}{{1,2}}年?全?免[征收]?,?{ANY}{{1,2}}年?减半?"),
}
TRADITIONAL = str.maketrans(
    "稅還財貢獻獎勵納額繳徵級遷冊變單業議資產採購價減補貼註區縣屬設構關聯後經濟營執數據該對給與為僅適專鎖類項標準優電費險醫養統務實現際當應須將從進駐離轉讓辦條約總計劃門廠樓場開發動協貨貸庫證過達調"
    "遠遲選郵鄉銀錢錄陸陽隨雙難響順預領題願飛館驗園勞衛廣織紅細組結絕維網線練縮績紙純紛終義習職聲聽腦膽舊節萬葉藝藥處號蟲複覺觀視訂討訓託記許訪訴診評詞試詢話詳認語誤說課談請論諸識貝負責貴買賀賃賠賣"
    "質趕跡車軍軟輕較載輔輪輸辭農運遊違遙遺釋針鈔鋪錯鎮鏈鐵閉間陣陰隊階雲靈靜頁頂頓頻顏風飯餘馬騎驅體魚鮮麥點黨齊龍佔個們傳傷償儲兒內兩凍劇劍勝勻勢匯參吳員問啟嗎團圓圖塊塗壓壞壘壩墊壯壽夠夢夾奪奮婦"
    "孫學寧審寫寬寶尋導屆岡島峽崗嶺巖帥師帳帶幣幫幹廳廢張強彈彎彙彥復徑慶憑懇戰戲戶拋挾揚換損搶撥擁擇擊擔擬擴擺攔敗敵斷無時晉晝暫曉會來東極槍樁樣樹橋機檔檢權歐歡歲歷歸殘殺氣決沒況測湊溝溫滅滿漁漢潔"
    "潛澤濤灣灘災烏煙熱燈爐爭爺爾牆狀獨獲環畢異療癥盡監盤眾睜矚確礎礦碼禮禍種稱穩窩竄競筆築簡簽糧紀絡繼續罰羅罷羨聖",
    "税还财贡献奖励纳额缴征级迁册变单业议资产采购价减补贴注区县属设构关联后经济营执数据该对给与为仅适专锁类项标准优电费险医养统务实现际当应须将从进驻离转让办条约总计划门厂楼场开发动协货贷库证过达调"
    "远迟选邮乡银钱录陆阳随双难响顺预领题愿飞馆验园劳卫广织红细组结绝维网线练缩绩纸纯纷终义习职声听脑胆旧节万叶艺药处号虫复觉观视订讨训托记许访诉诊评词试询话详认语误说课谈请论诸识贝负责贵买贺赁赔卖"
    "质赶迹车军软轻较载辅轮输辞农运游违遥遗释针钞铺错镇链铁闭间阵阴队阶云灵静页顶顿频颜风饭余马骑驱体鱼鲜麦点党齐龙占个们传伤偿储儿内两冻剧剑胜匀势汇参吴员问启吗团圆图块涂压坏垒坝垫壮寿够梦夹夺奋妇"
    "孙学宁审写宽宝寻导届冈岛峡岗岭岩帅师帐带币帮干厅废张强弹弯汇彦复径庆凭恳战戏户抛挟扬换损抢拨拥择击担拟扩摆拦败敌断无时晋昼暂晓会来东极枪桩样树桥机档检权欧欢岁历归残杀气决没况测凑沟温灭满渔汉洁"
    "潜泽涛湾滩灾乌烟热灯炉争爷尔墙状独获环毕异疗症尽监盘众睁瞩确础矿码礼祸种称稳窝窜竞笔筑简签粮纪络继续罚罗罢羡圣",
)
# What sounds like a word that is looked for, or spells it, and occurs in no other: 流成 stands in 物流成本,
# 才政 in 人才政策, so they are not here. Latin letters count only when no others touch them.
SOUND_ALIKE = {
    "税收": ("睡收", "税収", "税手", "shuishou", "税shou", "shui收"),
    "税款": ("睡款", "shui款", "shuikuan"),
    "税金": ("睡金", "shui金"),
    "税额": ("睡额", "shui额"),
    "纳税": ("纳睡", "钠税", "纳shui", "nashui", "na税"),
    "缴税": ("缴睡", "缴shui", "jiaoshui", "交睡", "交shui"),
    "个税": ("个睡", "个shui"),
    "税": ("禾兑", "shui"),
    "留成": ("liucheng",),
    "留存": ("liucun",),
    "返还": ("反还", "fanhuan", "返huan"),
    "贡献": ("供献", "贡现", "贡线", "gongxian", "贡xian"),
    "财力": ("caili",),
    "财政": ("caizheng",),
    "返投": ("fantou",),
    "迁出": ("qianchu", "迁chu"),
    "注册": ("zhuce", "住册"),
}
FILLERS = "\u115f\u1160"  # letters by category, invisible on paper
RATIO = re.compile("[0-9]:(?=[0-9])")  # 1:1.2 stops no clause
SENTENCE_STOPS, CLAUSE_STOPS, KEPT_MARKS = "。;!?", "。;!?,:", "。;!?,:、.%‰《》"
LIST_LINE = re.compile(
    r"\n(?=[ \t\u3000]{0,20}"
    r"(?:\n|[(（]?[0-9一二三四五六七八九十]{1,3}[)）、.．](?![0-9])|第[0-9一二三四五六七八九十]{1,4}条))"
)


class Folded:
    """A text as patterns read it, with the way back to the places in the original."""

    def __init__(self, original):
        self.original = original or ""
        breaks = {match.start() for match in LIST_LINE.finditer(self.original)}
        pairs = [
            (folded, place)
            for place, character in enumerate(self.original)
            for folded in ("。" if place in breaks else _folded(character))
        ]
        pairs = [pair for index, pair in enumerate(pairs) if not _is_loose(pairs, index)]
        pairs = _spelt_out([(folded, place, place + 1) for folded, place in pairs])
        self.text = "".join(folded for folded, _, _ in pairs)
        self.places = [(start, end) for _, start, end in pairs]
        self.heads = frozenset(self.text).union(map("".join, pairwise(self.text)))
        self.sentence_stops = self._positions(SENTENCE_STOPS)
        self.clause_stops = self._positions(CLAUSE_STOPS)
        self.turns = sorted({start for word in TURNS for start, _ in occurrences(self.text, word)})
        self._found = {}

    def _positions(self, marks):
        ratios = {match.end() - 1 for match in RATIO.finditer(self.text)}
        return [i for i, character in enumerate(self.text) if character in marks and i not in ratios]

    def find(self, step):
        """The spans of any of the step's words, by start; kept, as many patterns share their words."""
        found = self._found.get(step.wanted)
        if found is None:
            found = self._found[step.wanted] = self._look_for(step.wanted)
        return found

    def _look_for(self, wanted):
        """Most words stand in no text, which their first two characters tell soonest."""
        if not wanted.shapes and self.heads.isdisjoint(wanted.by_head):
            return []
        return sorted({*self._words(wanted), *self._shapes(wanted)})

    def _words(self, wanted):
        by_head = wanted.by_head
        there = (word for head in by_head.keys() & self.heads for word in by_head[head])
        return (span for word in there for span in occurrences(self.text, word))

    def _shapes(self, wanted):
        return (match.span() for shape in wanted.shapes for match in SHAPES[shape].finditer(self.text))

    def is_clear(self, start, end, gap, exempting):
        """Whether `gap` may stretch over [start, end)."""
        if not 0 <= end - start <= gap.reach:
            return False
        stops = self.sentence_stops if gap.crosses_commas else self.clause_stops
        return not _any_within(stops, start, end) and not (exempting and _any_within(self.turns, start, end))

    def place(self, start, end):
        """The places of [start, end) in the original, and the words as written there."""
        first, last = self.places[start][0], self.places[end - 1][1]
        return first, last, self.original[first:last]


@lru_cache(maxsize=65536)
def _folded(character):
    """Half-width, lower case, simplified; empty for spaces, marks and whatever is no letter or number."""
    folded = unicodedata.normalize("NFKC", character).casefold().translate(TRADITIONAL)
    return "".join(
        c for c in folded if c in KEPT_MARKS or (unicodedata.category(c)[0] in "LN" and c not in FILLERS)
    )


@lru_cache(maxsize=256)  # many rules ask it of one item
def fold(original: str) -> str:
    """A text folded to one way of writing, for who needs no way back."""
    return Folded(original).text


_MEANT = {alike: word for word, others in SOUND_ALIKE.items() for alike in others}
_ALIKE = re.compile(
    "|".join(
        f"{'(?<![a-z])' if word[0].isascii() else ''}{word}{'(?![a-z])' if word[-1].isascii() else ''}"
        for word in sorted(_MEANT, key=len, reverse=True)
    )
)


def _spelt_out(pairs):
    """The characters with what only sounds like a word written as that word, which stands where it stood."""
    text = "".join(folded for folded, _, _ in pairs)
    spelt, done = [], 0
    for match in _ALIKE.finditer(text):
        start, end = pairs[match.start()][1], pairs[match.end() - 1][2]
        spelt += [*pairs[done : match.start()], *((letter, start, end) for letter in _MEANT[match[0]])]
        done = match.end()
    return [*spelt, *pairs[done:]]


def _is_loose(pairs, index):
    """A point outside a number, which is noise, or a comma inside one (1,000)."""
    character = pairs[index][0]
    if character not in ".,":
        return False
    inside = 0 < index < len(pairs) - 1 and (pairs[index - 1][0] + pairs[index + 1][0]).isdecimal()
    return inside == (character == ",")


def occurrences(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Every place of the word, overlapping ones too."""
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + 1)


def _any_within(positions, start, end):
    index = bisect_left(positions, start)
    return index < len(positions) and positions[index] < end
