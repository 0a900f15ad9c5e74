"""Wordings in the manner of public notices and 招商 contracts, each with exactly the flags it must raise.

A row reads `codes | clause | what else is stated`, continued on indented lines. Firms, documents and sums are
invented. What a row does not state is in order: for all firms, founded on a clause of a valid document,
budgeted, within the cap.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from projects.flag_basis import Clause
from projects.flag_seed import RULES as SEEDED
from projects.flags import ASKS_LIBRARY, KINDS, SCOPES, Item

ON = date(2026, 4, 8)
NOTHING = "—"
UNKNOWN = "未填"
SOUND = Item(
    kind="general_policy",
    scope="all",
    basis="《拱墅区人工智能产业若干政策》（拱政发〔2025〕12号）第三条",
    basis_valid_to=date(2027, 12, 31),
    budget_source="区科技发展专项资金",
)
LIBRARY = (  # every document the tables quote is known and asks nothing, so that the words alone count
    Clause("拱墅区人工智能产业若干政策", "拱政发〔2025〕12号"),
)
RULES = tuple(replace(rule, clauses=LIBRARY) if rule.check == ASKS_LIBRARY else rule for rule in SEEDED)
STATED = {
    "类别": ("kind", {label: code for code, label in KINDS.items()}.__getitem__),
    "范围": ("scope", {UNKNOWN: "", **{label: code for code, label in SCOPES.items()}}.__getitem__),
    "依据": ("basis", lambda words: "" if words == UNKNOWN else words),
    "依据至": ("basis_valid_to", lambda words: None if words == UNKNOWN else date.fromisoformat(words)),
    "资金": ("budget_source", lambda words: "" if words == UNKNOWN else words),
    "金额": ("amount_wan", Decimal),
    "上限": ("cap_wan", Decimal),
    "公式": ("formula", str),
    "条件": ("conditions", str),
    "一事一议": ("has_case_approval", "已批".__eq__),
    "企业": ("firm_names", lambda name: (name,)),
}


class Wording(NamedTuple):
    """A clause and the codes of its flags."""

    item: Item
    codes: frozenset


def says(text, codes="", stated=""):
    """A wording that is sound but for what is stated, as in 「范围：仅本企业；依据：未填」."""
    pairs = [part.split("：", 1) for part in stated.split("；") if part not in ("", NOTHING)]
    fields = {STATED[name][0]: STATED[name][1](words) for name, words in pairs}
    return Wording(replace(SOUND, text=text, **fields), frozenset(codes.split()) - {NOTHING})


def rows(block):
    """The wordings of a table."""
    lines = block.strip().replace("\n    ", "").splitlines()
    return [says(text, codes, *rest) for codes, text, *rest in (line.split(" | ") for line in lines)]


PUBLIC = rows("""
— | 年度合同额最高30%算力券，单家企业每年不超过800万元
— | 对年度算力合同额不超过50万元的中小企业，按不超过合同额的50%发放算力券。
— | 对首次认定的国家高新技术企业，给予一次性20万元奖励。
— | 对符合条件的初创企业，按实际租金的50%给予补贴，每年最高30万元，期限不超过三年。
— | 入驻孵化器的企业，前两年免租金，第三年租金减半，面积不超过500平方米。
— | 房租三免两减半，每家企业免租面积不超过300平方米
— | 按设备实际投资额（不含税）的10%给予补助，单个项目最高500万元。
— | 设备补助以增值税专用发票载明的不含税金额为准，按15%计算，最高300万元
— | 按税务部门核定的研发费用加计扣除额的5%给予补助，最高100万元。
— | 以企业所得税年度纳税申报表中研发费用为准，补助不超过200万元。
— | 对列入国家重点研发计划的牵头单位，按到账国拨经费的20%配套，最高200万元
— | 新引进的博士在区内企业全职工作满一年的，给予10万元生活补贴，分三年发放。
— | 人才奖励涉及的个人所得税由获奖人自行承担。
— | 申报单位应当依法纳税、诚信经营，近三年无重大税收违法失信记录。
— | 申报企业纳税信用等级为A级或B级，未被列入经营异常名录
— | 相关税费由乙方承担。
— | 符合条件的软件企业，按照国家规定享受增值税即征即退政策。
— | 区税务局为入驻企业提供税收政策辅导和办税服务。
— | 装修补贴按审计确认的装修费用的30%发放，每平方米不超过800元，最高200万元。
— | 对通过验收的概念验证项目给予最高50万元资助。
— | 鼓励企业参与标准制定，对主持制定国际标准的单位给予50万元奖励。
— | 在人工智能领域作出突出贡献的人才团队，经评审给予最高100万元奖励。
— | 甲方协助乙方按《拱墅区人工智能产业若干政策》申报算力券，以正式评审结果为准。
— | 乙方符合《杭州市算力券实施细则》规定条件的，可按该细则申领，与其他企业同等对待。
— | 根据《拱墅区租金补贴办法》第四条，对乙方按同一标准给予补贴，每年不超过30万元
— | 首次上规模的工业企业，给予一次性10万元奖励。
— | 不论注册地，凡在区内实际开展研发的企业均可申报。
— | 履约保证金在项目验收后十个工作日内返还，不计利息。
— | 未完成约定研发任务的，应当返还已享受的补助资金。
— | 搬迁补贴：由外地迁入拱墅的研发设备，运费按发票的50%补助，最高20万元
— | 按实缴注册资本的1%给予落户奖励，最高100万元，凡符合条件的企业均可申报。
— | 按企业实际缴纳的租金给予30%补贴，每年最高20万元。
— | 人才公寓租金按市场价的七折执行，面向全区各类企业引进的硕士以上人才。
— | 土地依法公开出让，起始价不低于基准地价。
— | 乙方应按出让合同约定足额缴纳土地出让金。
— | 可推荐至区科创母基金，是否投资由基金管理人独立决策。
— | 甲方将项目推荐给政府引导基金，最终由投资决策委员会按市场化原则决定，推荐不构成投资承诺
— | 获得市场化基金投资的企业，可优先推荐参加路演活动。
— | 对企业新增银行贷款按LPR的30%给予贴息，单家企业每年最高50万元。
— | 对新建省级重点实验室给予100万元奖励，同一事项按就高不重复原则执行。
— | 连续缴纳社会保险满12个月的毕业生，可申领一次性租房补贴1万元。
— | 对列入省重大产业项目清单的项目，统一优先保障用地指标。
— | 对符合条件的小微企业，按规定减免城市基础设施配套费。
— | 对全部规上工业企业错峰用电按每度0.1元给予电价补贴。
— | 政策资金总额控制，当年预算用完为止。
— | 申报名额不设上限，符合条件的企业均可申请，每家最高20万元。
""")

KEPT = rows("""
— | 对专精特新企业，支持力度在一般标准基础上提高10个百分点，全年不超过30万元
— | 土地起始价不低于基准地价
— | 根据《拱墅区租金补贴办法》第四条给予乙方补贴
— | 不得以企业必须在本地注册为前提。
— | 本政策不设置返投比例要求。
— | 奖励金额不与税收挂钩。
— | 补贴标准与企业纳税额无关，按实际租赁面积计算。
— | 兑现时不以税收、地方财政贡献等指标为条件。
— | 严禁以先征后返、列收列支、财政奖励等方式变相返还税收。
— | 不得违规给予特定经营者税收优惠或者选择性、差异化的财政奖励。
— | 不得要求企业承诺不迁出，不得限制企业自主迁移。
— | 不得将在本地设立分支机构作为享受补贴的条件。
— | 不要求企业在拱墅设立子公司，也不要求纳统。
— | 企业可自主决定迁移，不影响已兑现的资金。
— | 不得要求企业采购本地产品，不得设置本地配套比例。
— | 不得通过土地出让金返还等方式变相让利。
— | 扶持资金不得上不封顶，应当设定单项最高限额。
— | 取消返投比例、注册地限制等要求。
— | 甲方不承诺基金投资，乙方可自行与基金管理人对接。
— | 不实行一事一议，所有企业按同一标准执行。
— | 不得搞一企一策，不得给予特定企业特殊优惠。
— | 对已有的税收返还政策予以清理，取消税收返还条款。
specific_firm | 本条款不涉及社会保险费减免、缓缴。 | 范围：仅本企业
""")

TAX = rows("""
tax_linked | 按企业当年缴纳税收地方留成部分的50%给予奖励。
tax_linked | 前三年按其对区财政贡献的100%、后两年按50%给予扶持。
tax_linked uncapped | 按地方经济贡献的70%奖励企业，上不封顶。
tax_linked | 年综合贡献达到1000万元的，奖励80万元。
tax_linked | 根据企业贡献大小，分档给予发展资金支持。
tax_linked | 税 收 返 还 比例为三成
tax_linked | 按税·收区级留存部分的百分之六十返还
tax_linked | 缴多少奖多少，最高不超过500万元
tax_linked | 企业所得税五免五减半 | 类别：税收相关
tax_linked | 实行三免三减半：前三年全额奖励，后三年减半奖励
tax_linked | 采取先征后返方式，于次年一季度拨付。
tax_linked | 即征即奖，按月兑付。
tax_linked | 通过列收列支方式安排产业发展资金，最高1000万元
tax_linked | 以企业入库税金为基数，超过上年部分按25%奖补
tax_linked | 奖励金额＝当年实缴入库金额×２５％
tax_linked | 按其缴纳金额的40%给予产业发展扶持
tax_linked | 按其形成的区级地方财力的八成予以奖补。
tax_linked | 按高管个人所得税区得部分的80%给予人才奖励
tax_linked | 对年薪50万元以上人员，按其个人薪酬贡献的一定比例奖励
tax_linked | 给予经营贡献奖，标准按当年经营贡献的15%计算。
tax_linked | 年度营收与上缴数额双增长的，按上缴数额增量部分给予30%奖励
tax_linked | 享受奖励的企业年纳税额不低于200万元
tax_linked | 奖励不与营收挂钩，而按纳税额的20%计算。
tax_linked | 不以产值为依据，但按地方留成的30%给予补助。
tax_linked | 甲方不得以任何理由拒绝兑现税收返还。
tax_linked | 租金补贴不超过其缴纳的增值税地方部分
tax_linked | VAT rebate：按增值税地方分享部分全额奖励
tax_linked | 依法足额缴纳税款后，甲方按该税款的20%给予产业扶持
tax_linked | 奖励金额凭完税证明所载金额的三成核定
tax_linked | 稅收獎勵按區級留成計算，每年最高一百萬元
tax_linked | 新增地方一般公共预算收入超过500万元的部分，奖励20%。
tax_linked | 增值税、企业所得税按区体制分成部分，全额用于支持企业研发
tax_linked unclear_base | 按约定比例给予支持。 | 公式：T×30%，T为当年度各税种之和
tax_linked | 按设备投资额的10%补助，最高200万元。 | 条件：年纳税达到500万元
tax_linked | 财政资金按年返还。
""")

FIRM = rows("""
specific_firm | 同意对你公司给予300万元一次性落户奖励。
specific_firm | 本条款仅适用于乙方。
case_unapproved specific_firm | 一企一策支持，研发投入补助最高1000万元。
specific_firm | 一企一策支持，研发投入补助最高1000万元。 | 一事一议：已批
specific_firm | 甲方给予乙方装修补贴200万元。
specific_firm | 为贵司量身定制专属政策，房租前三年全免。
specific_firm | 对乙方租用的办公用房给予三年免租支持
specific_firm | 以上优惠其他企业不得享受，下不为例。
specific_firm | 支持杭州某某智能科技有限公司购置设备，补助500万元
specific_firm | 给予云帆智算装修补助100万元。 | 企业：云帆智算
specific_firm | 装修补助每平方米500元，最高100万元。 | 范围：仅本企业
scope_unknown | 装修补助每平方米500元，最高100万元。 | 范围：未填
specific_firm | 在《拱墅区租金补贴办法》基础上额外给予乙方每年50万元租金补助
case_unapproved | 按一事一议方式给予支持，额度由区政府研究。
— | 按一事一议方式给予支持，额度由区政府研究。 | 一事一议：已批
case_unapproved | 项目落地后的支持标准双方另行商定。
""")

STAY = rows("""
relocation | 乙方承诺十年内不迁出拱墅区。
relocation | 自享受政策之日起5年内不得迁离，否则全额退还补贴。
relocation | 企业迁出本区的，须退还已享受的全部资金。
relocation tax_linked | 注册地、税务关系八年不变更
relocation | 在我区持续经营不少于十年
relocation | 经营期限不低于8年，提前搬离的扣回补助
relocation | 未经甲方书面同意，不得将总部转移至区外。
relocation | 享受补贴期间及期满后五年内不 得 搬 离
local_presence | 乙方须在签约后60日内在拱墅区注册成立独立法人公司。
local_presence | 以在本区设立子公司为前提，给予租金补贴。
local_presence | 在杭州设立分公司后方可申领算力券
local_presence | 企业须在我区纳统，营业收入全部计入本区统计。
local_presence | 承诺注册地迁入拱墅并完成统计入库
local_presence | 分公司变更为独立法人的，给予20万元奖励。
local_presence | 乙方应将结算中心的营收全部落在园区
land_price local_presence relocation | 在园区设立总部，承诺15年不迁，地价返还30%
""")

DEALING = rows("""
local_dealing | 本地采购比例不低于30%的，再奖励50万元。
local_dealing | 优先采购区内企业的产品和服务。
local_dealing | 须使用杭钢云算力，方可享受算力券。
local_dealing | 装修工程由甲方指定的施工单位承建。
local_dealing | 授予乙方独家经营权，期限十年。
local_dealing | 乙方不得与其他城区签订同类投资协议。
local_dealing | 政府采购项目同等条件下优先选择乙方
land_price | 土地出让金返还50%，用于基础设施建设。
land_price | 以零地价供应工业用地100亩。
land_price | 地价与亩均产值挂钩，达标后给予奖励
land_price | 出让价低于基准地价20%。
land_price | 摘牌价超过每亩30万元的部分，由甲方以基础设施补助形式补给企业
land_price | 按20万元/亩的优惠价供地
reinvestment | 引导基金返投比例不低于1.5倍。
fund_promise reinvestment | 子基金投资于本区企业的金额不低于母基金出资额的一倍
fund_promise | 区科创母基金承诺跟投2000万元。
fund_promise | 甲方通过国资平台出资入股，占股不超过10%。
fund_promise | 给予3000万元股权投资支持，五年后原值退出。
""")

RELIEF = rows("""
uncapped | 研发补助按投入的20%计算，上不封顶。
uncapped | 设备补助不设上限
uncapped | 补助金额不受额度限制
fee_relief specific_firm | 为企业减免三年社会保险费单位缴纳部分。 | 范围：仅本企业
fee_relief specific_firm | 前两年社保缓缴 | 范围：仅本企业
fee_relief specific_firm | 免收城市基础设施配套费等行政事业性收费 | 范围：仅本企业
factor_preference specific_firm | 能耗指标单列，由区里统筹解决 | 范围：仅本企业
factor_preference specific_firm | 优先供地100亩并保障用电容量 | 范围：仅本企业
factor_preference specific_firm | 电价按每度0.45元执行，差额由区财政补贴 | 范围：仅本企业
fee_relief no_basis | 社保费减免一年 | 依据：未填
""")

FIELDS = rows("""
no_basis | 给予最高50万元研发补助。 | 依据：未填
no_basis | 给予最高50万元研发补助。 | 依据：待定
no_basis | 给予最高50万元研发补助。 | 依据：区领导口头同意
vague_basis | 给予最高50万元研发补助。 | 依据：《拱墅区人工智能产业若干政策》
basis_unverified | 给予最高50万元研发补助。 | 依据：拱政办〔2025〕7号 第二章（三）
basis_expired | 给予最高50万元研发补助。 | 依据至：2026-04-07
— | 给予最高50万元研发补助。 | 依据至：2026-04-08
— | 给予最高50万元研发补助。 | 依据至：未填
above_cap | 单家企业最高800万元。 | 金额：800.01；上限：800
— | 单家企业最高800万元。 | 金额：800；上限：800
— | 单家企业最高800万元。 | 金额：900
no_budget | 给予最高50万元研发补助。 | 资金：未填
tax_linked | 按规定给予最高50万元扶持。 | 类别：税收相关
basis_unverified case_unapproved | 按会议议定的标准给予研发补助。 | 依据：专题会议纪要〔2026〕3号第二条，
    一事一议
unreadable | 附件
unreadable | 锟斤拷锟斤拷锟斤拷
unreadable | Rent-free for three years, capped at CNY 500,000
unreadable | ■□■□ 1234 5678
""")

MIXED = rows("""
local_presence relocation tax_linked | 乙方在拱墅区设立项目公司后方可享受：前三年按地方留成的80%、后两年按40%
    返还，十年内不得迁出，迁出须退还。
local_presence | 奖励不与税收挂钩；但企业须在本区注册成立子公司。
fund_promise | 不设返投要求，区科创基金出资1000万元
factor_preference specific_firm uncapped | １．对乙方购置设备按１０％补助；２．能耗指标单列；３．上不封顶。
     | 范围：仅本企业
""")

EVASIVE = rows("""
tax_linked | 按规定的税收奖励标准兑付
tax_linked | 高级管理人员的个人所得税由区财政承担
relocation | 乙方自愿承诺十年内不得迁出
local_presence | 不限行业，但企业须在本区注册公司
local_presence | 不限行业须在本区注册公司
fee_relief specific_firm | 国家规定收取的行政事业性收费全部免除 | 范围：仅本企业
fund_promise | 甲方协助并确保区科创基金投资2000万元
fund_promise | 乙方完成注册后，区基金投资2000万元
local_dealing | 不得以任何方式与其他城区签订投资协议
specific_firm | 根据《投资协议》给予乙方补助300万元
tax_linked | 按增值税专用发票税额的50%奖励
tax_linked | 按缴纳社会保险费和税款的50%奖励
tax_linked uncapped | 不限额返还税收
reinvestment | 无论盈亏，子基金均须返投
tax_linked | 无论企业规模大小，均按税收的30%奖励
tax_linked | 甲方不得取消税收返还
tax_linked | 除不得以税收返还外，按地方留成给予奖励
tax_linked | 不得不按税收给予奖励
relocation | 企业可以申请，但迁出后须全额退还
relocation | 有权要求乙方不得迁出
reinvestment | 不设门槛，返投一倍
specific_firm | 不得拖延兑付给予乙方的装修补助
local_dealing | 公开招标中优先选择乙方
tax_linked | 国家级高新技术企业按缴税的一定比例奖励，按协议执行
fund_promise | 获得投资意向后由区国投公司跟投
specific_firm tax_linked unclear_base | 以投资补助名义返还税款，不得对外披露
tax_linked | 按 稅_收 地.方.留.成 的 5 0 ％ 补 助
relocation | 十年内不 外 迁
relocation | 不「迁」「出」拱墅
""")

LIKE_PUBLISHED = rows("""
specific_firm tax_linked | 企业当年缴税中县级所得部分，扣除征收成本后全额奖励给投资方
tax_linked | 办公用房补助每年不超过企业当年地方贡献
tax_linked | 新增地方贡献一成至三成的部分，按增量六成奖励
tax_linked | 申报单位为省内注册纳税的企事业单位
tax_linked | 标准厂房免租一年，之后根据企业纳税情况确定租金
case_unapproved specific_firm tax_linked | 年创税千万元以上的，可以一事一议，实行特殊优惠
land_price | 起始价可按不低于基准地价的七成确定
land_price | 出让金按每亩3万元结算，其余由财政以基础设施补助形式补足
land_price specific_firm | 成交单价高于协议单价的，超出部分由甲方返还乙方
land_price | 容积率达标的，供地价格相应优惠
land_price | 土地在成本价范围内供应
fee_relief specific_firm | 报建费按每平方米10元包干收取 | 范围：仅本企业
local_presence | 必须在本地注册具有独立法人资格的公司
local_dealing | 对优先采购本地经营者商品的企业给予奖励
local_presence relocation tax_linked | 承诺十年内不迁离本市，不改变在本市的纳税义务
— | 全额支付土地出让金确有困难的，依法可以分期缴纳
— | 对使用国产算力设施的企业，补贴比例不超过算力合同费用的30%
— | 企业承担国家重点科研任务的，按到账补助资金的25%配套，最高500万元
— | 不得以外地经营者将注册地迁至本地、在本地纳税、纳入本地统计为条件给予财政奖励
— | 不得将在本地投资或者设立分支机构作为开展经营的必要条件
— | 没有法律、行政法规依据或者国务院批准，不得给予特定经营者税收优惠
— | 申报单位不受上一年度综合贡献的限制
""")

BROKEN = [
    says("", "unreadable"),
    says("\u3000\u200b ", "unreadable"),
    says("给予企业研发补助，最高50万元".encode().decode("gb18030", "replace"), "unreadable"),
    says("给予企业设备补助，最高五十万元".encode().decode("gb18030", "ignore"), "unreadable"),
    says("第一条 租金补贴最高30万元。\n第二条 税\n收返还一半。", "tax_linked"),
    says("按税\n收区级\n留成的\n50%补助", "tax_linked"),
    says("奖励不与以下挂钩：\n1. 营收\n2. 按税收的20%给予补助", "tax_linked"),
]

WORDINGS = [
    *(PUBLIC + KEPT + TAX + FIRM + STAY + DEALING + RELIEF + FIELDS + MIXED + EVASIVE + LIKE_PUBLISHED),
    *BROKEN,
]
