"""公平竞争审查标记的起始规则, as pure data: what is doubtful, why, and what to do (domain rule §4.1–4.2).

The wordings stand in flag_giving.py, flag_favours.py and flag_binding.py, written as flag_words.py says.
Reasons cite provisions only as far as their texts were read.
A flag puts a question, the reviewer answers it. A bare 税 is enough to ask: phrasings are endless, the
harmless ones (依法纳税、不含税价 …) are few and let off.
"""

from projects.flag_binding import BINDING
from projects.flag_favours import FAVOURS
from projects.flag_giving import GIVING
from projects.flags import Rule

ACT = "《公平竞争审查条例》第八至十条及实施办法（总局令99号）"
FUNDS = "国办发〔2025〕1号"
WORDINGS = {**GIVING, **FAVOURS, **BINDING}

RULES = (
    Rule(
        code="unreadable",
        name="条款空白或无法辨认",
        reason="条款原文为空、太短、是乱码或几乎没有中文，机器无法逐句判断，审查人也无从审起。",
        advice="请按协议或通知的原文录入条款；外文条款附中文译文。",
        check="unreadable",
    ),
    Rule(
        code="no_basis",
        name="没有依据",
        reason=f"没有写明文件名称或文号。{ACT}：没有法律、行政法规依据或者国务院批准，不得给予特定经营者税收优惠、"
        "选择性或差异化的财政奖励补贴，以及要素、收费、基金、社保方面的优惠。",
        advice="请写明依据的文件名称、文号和条款；口头同意、惯例、本协议自身都不是依据。没有依据的，删去条款。",
        check="no_basis",
    ),
    Rule(
        code="vague_basis",
        name="依据未写到条款",
        reason="写了文件，没有写第几条，无法核对条件、标准和上限。",
        advice="请补上条、款、项或附件名称。",
        check="vague_basis",
    ),
    Rule(
        code="basis_unverified",
        name="依据未核实",
        reason="只有依据库里读得到的公开条款，才能说这项优惠符合条件的企业都能享受、标准和上限是多少；没有公开条款承载的承诺，"
        "无论怎么写，都可能是只给一家的优惠。",
        advice="请核对文件名称、文号和条款；文件确实公开有效的，请区投促局补进依据库。超出条款的部分请删去；由审查人查过原文的，写明理由后放行。",
        check="unverified_basis",
    ),
    Rule(
        code="basis_expired",
        name="依据已失效",
        reason="依据文件的有效期已过，不能再作为给予优惠的依据。",
        advice="请换成现行有效的文件，或先由制定机关延期；有效期填错的请更正。",
        check="basis_expired",
    ),
    Rule(
        code="above_cap",
        name="超过政策上限",
        reason="金额超过依据文件规定的上限，超出部分没有依据。",
        advice="请把金额降到上限以内；依据不止一份的，分成几条分别填写。",
        check="above_cap",
    ),
    Rule(
        code="no_budget",
        name="没有资金来源",
        reason="没有写明由哪一项预算支出，承诺可能无法兑现。",
        advice="请写明预算科目或专项资金名称，并与财政部门确认。",
        check="no_budget",
    ),
    Rule(
        code="scope_unknown",
        name="受益范围未写明",
        reason="没有说明是符合公开条件的企业都能享受，还是只给这一家；不知道不等于普惠。",
        advice="请选择受益范围。",
        check="scope_unknown",
    ),
    Rule(
        code="specific_firm",
        name="特定企业",
        reason=f"优惠只给特定企业。{ACT}：没有法律、行政法规依据或者国务院批准，不得给予特定经营者税收优惠、"
        "选择性或差异化的财政奖励补贴，不得在要素、收费、基金、社保方面给特定经营者优惠。",
        advice="请改为引用公开政策、写明凡符合条件的企业同等享受；确属例外的，由审查人写明适用哪种例外、为何没有限制更小的办法、何时截止。",
        check="single_firm",
        **WORDINGS["specific_firm"],
    ),
    Rule(
        code="tax_linked",
        name="税收挂钩",
        reason=f"优惠与企业缴纳的税收或对地方财政的贡献挂钩，是最典型的违规情形。{ACT}："
        "没有法律、行政法规依据或者国务院批准，不得给予特定经营者税收优惠、选择性或差异化的财政奖励补贴。",
        advice="请删去以税收、地方留成、经济贡献为条件或计算基数的内容，改按公开政策的投入类标准（设备、研发、租金等）；仅是依法纳税的一般要求的，由审查人写明理由后放行。",
        check="tax_kind",
        **WORDINGS["tax_linked"],
    ),
    Rule(
        code="unclear_base",
        name="计算基数不明",
        reason="按比例给钱，却看不出以什么为基数。以税收、地方财力为基数又不写明，是常见的变相写法；不知道不等于合规。",
        advice="请写明基数（如实际租金、设备投资额、研发费用、合同金额）；基数其实是税收或地方财力的，删去条款。",
        **WORDINGS["unclear_base"],
    ),
    Rule(
        code="relocation",
        name="限制迁出",
        reason=f"以不得迁出、迁出须退还或注册地不变为条件，妨碍企业迁移。{ACT}：不得阻碍本地经营者迁出。",
        advice="请删去不得迁出、迁出退还、承诺年限等内容；资金按约定任务的完成情况兑现，不以去留为条件。",
        **WORDINGS["relocation"],
    ),
    Rule(
        code="unclear_return",
        name="追回缘由不明",
        reason="写了退还、扣回、赔偿或失效，却看不出是因为弄虚作假、未完成任务、验收不合格这一类缘由。以去留、注册、"
        "纳税为条件又不直说，常写成追回；不知道不等于合规。",
        advice="请写明在什么情形下追回；以迁出、注册地、纳税、统计关系为缘由的，删去条款。",
        **WORDINGS["unclear_return"],
    ),
    Rule(
        code="local_presence",
        name="强制本地注册",
        reason=f"把在本地注册、设立子公司或分支机构、纳入本地统计作为享受优惠的条件。{ACT}："
        "不得强制或者变相强制外地经营者在本地投资或者设立分支机构。",
        advice="请改为不论注册地、凡在本区实际开展约定活动的企业都可享受，或删去该条件；项目自愿落地写在合作内容里，不作为优惠的前提。",
        **WORDINGS["local_presence"],
    ),
    Rule(
        code="local_dealing",
        name="限定交易",
        reason="限定企业只和指定或本地的经营者交易，或承诺政府采购、业务机会优先给某一家，排斥其他经营者。"
        "公平竞争审查条例实施办法（总局令99号）把招商引资的具体政策措施列入审查。",
        advice="请删去本地采购比例、指定供应商、排他合作等内容；采购依法公开竞争。",
        **WORDINGS["local_dealing"],
    ),
    Rule(
        code="land_price",
        name="地价挂钩",
        reason=f"以返还出让金、低于基准地价、地价与条件挂钩等方式变相让利土地。{ACT}：不得在要素获取方面给特定经营者优惠。",
        advice="请删去地价返还、抵扣、挂钩的内容；土地按规定公开出让、足额缴纳。",
        **WORDINGS["land_price"],
    ),
    Rule(
        code="reinvestment",
        name="返投要求",
        reason=f"设返投比例或要求基金投资本地。{FUNDS}：不以招商引资为目的设立政府投资基金，鼓励降低或取消返投比例。",
        advice="请删去返投内容；基金投资由管理人按市场化原则决定。",
        **WORDINGS["reinvestment"],
    ),
    Rule(
        code="fund_promise",
        name="承诺基金出资",
        reason=f"基金出资是投资，由基金管理人决定，不是优惠；把出资写成承诺，也违背{FUNDS}"
        "“不以招商引资为目的设立政府投资基金”。",
        advice="请删去出资承诺，改在基金推荐里登记推荐和结果；条款里至多写“可推荐，由管理人独立决策”。",
        **WORDINGS["fund_promise"],
    ),
    Rule(
        code="uncapped",
        name="上不封顶",
        reason="没有最高限额的承诺无法列入预算，也容易成为只给一家的差异化奖励；公开流传的招商模板里仍有这种写法，属于必须拦下的内容。",
        advice="请写明单项和年度最高限额，并与依据文件的上限一致。",
        **WORDINGS["uncapped"],
    ),
    Rule(
        code="fee_relief",
        name="费用社保减免",
        reason=f"给特定企业减免行政事业性收费、政府性基金或减免缓缴社会保险费。{ACT}："
        "不得在行政事业性收费、政府性基金、社会保险费方面给特定经营者优惠。",
        advice="请删去，或改为引用法律、行政法规、国务院文件里面向所有企业的规定，并把受益范围选为符合公开条件的所有企业。",
        unless="public",
        **WORDINGS["fee_relief"],
    ),
    Rule(
        code="factor_preference",
        name="要素倾斜",
        reason=f"把用地、能耗、用电等要素优先或优惠给特定企业。{ACT}：不得在要素获取方面给特定经营者优惠。",
        advice="请删去，或改为引用法律、行政法规、国务院文件里面向所有企业的规则，并把受益范围选为符合公开条件的所有企业。",
        unless="public",
        **WORDINGS["factor_preference"],
    ),
    Rule(
        code="higher_basis",
        name="缺上位依据",
        reason=f"收费、政府性基金、社会保险费和用地用能这些要素上的优惠，{ACT}只认法律、行政法规依据或者国务院批准。"
        "写成面向所有企业的，引用的只是区里、市里的文件，还是不够；真正受益的也可能只有少数几家。",
        advice="请写明法律、行政法规或国务院文件的名称、文号和条款，经国务院批准、同意的写明“经国务院批准”；没有的，删去条款。"
        "只是执行全国、全省统一规定的，由审查人写明理由后放行。",
        patterns=(*WORDINGS["fee_relief"]["patterns"], *WORDINGS["factor_preference"]["patterns"]),
        exempting=tuple(
            wording
            for code in ("fee_relief", "factor_preference", "higher_basis")
            for wording in WORDINGS[code]["exempting"]
        ),
        unless="founded",
    ),
    Rule(
        code="case_unapproved",
        name="一事一议未批",
        reason="按“一事一议”处理，但没有登记批准。不经集体决策的个别承诺没有依据，受益的往往只有一家。",
        advice="请上传集体决策的批复文件并勾选“已有一事一议批复”；没有批准的，改按公开政策。",
        fields=("text", "formula", "conditions", "basis"),
        unless="approved",
        **WORDINGS["case_unapproved"],
    ),
    Rule(
        code="alike",
        name="写法可疑",
        reason="条款里没有一条已知的措辞，但整句读来像以往判为有问题的写法。写法可以翻新，意思往往相同。"
        f"{ACT}：没有法律、行政法规依据或者国务院批准，不得给予特定经营者选择性、差异化的优惠，不得妨碍经营者迁出和自主选择。",
        advice="请想一想它实际要的是什么：给钱取决于缴了多少、去留、注册地、向谁采购，还是只给一家？是的，请改写或删去；"
        "不是的，由审查人写明理由后放行。",
        check="alike",
    ),
)
