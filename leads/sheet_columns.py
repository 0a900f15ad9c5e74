"""The roadshow sheet as officers keep it: its columns with every name they go by, and the template."""

from crm.sheets.header import Column
from crm.sheets.template import write_template

COLUMNS = (
    Column("number", "序号", "编号 序 no 项次 序列", is_ignored=True),
    Column(
        "name",
        "企业名称",
        "企业 公司 公司名称 单位名称 企业全称 公司全称 名称 客户名称 项目名称 对接企业 拜访企业 走访企业 "
        "目标企业 项目方 企业项目名称 客户 客商 客商名称 意向客户 意向企业",
        is_required=True,
    ),
    Column(
        "uscc",
        "统一社会信用代码",
        "信用代码 社会信用代码 统一信用代码 统一代码 统一社会信用代码证号 税号 纳税人识别号 uscc "
        "统一社会信用代码注册号 信用代码注册号 统一社会信用代码组织机构代码",
    ),
    Column(
        "city",
        "所在城市",
        "城市 所在地 所属城市 企业所在地 所在地市 总部城市 总部所在地 来源城市 来源地 注册地 地区 "
        "所在省市 省市",
    ),
    Column(
        "contact_name",
        "联系人",
        "企业联系人 对方联系人 联系人姓名 姓名 接洽人 洽谈人 企业负责人 负责人",
        shares=("contact_title", "contact_phone"),
    ),
    Column("contact_title", "职务", "职位 联系人职务 联系人职位 职务职称 岗位"),
    Column(
        "contact_phone",
        "联系电话",
        "电话 手机 手机号 手机号码 电话号码 联系方式 联系人电话 联系人手机 联系手机 移动电话 tel",
    ),
    Column("contact_email", "邮箱", "电子邮箱 电子邮件 联系邮箱 email e-mail"),
    Column(
        "amount",
        "拟投资额",
        "投资额 投资金额 拟投资金额 计划投资 计划投资额 总投资 总投资额 投资总额 预计投资 预计投资额 "
        "意向投资 意向投资额 投资规模 拟投资 拟投资规模 金额",
    ),
    Column("amount_unit", "金额单位", "单位 计量单位 投资额单位 货币单位 币种 币别"),
    Column(
        "investor",
        "投资方",
        "投资方名称 投资主体 投资主体名称 出资方 投资人 意向投资方",
        stands_for="name",
    ),
    Column("sector", "融合赛道", "赛道 所属赛道 产业方向 融合方向 六融合 六融合赛道 行业赛道 产业赛道"),
    Column(
        "met_on",
        "对接日期",
        "对接时间 洽谈日期 洽谈时间 拜访日期 拜访时间 走访日期 走访时间 接洽日期 "
        "接洽时间 会面日期 会面时间 接触日期 接触时间 来访日期 来访时间 到访日期 到访时间 对接日 日期 时间",
    ),
    Column(
        "area",
        "需求面积",
        "面积 面积需求 用房面积 需求用房面积 办公面积 拟租面积 空间需求 用房需求 场地面积 需求场地面积 "
        "房屋面积",
        refused_units=("亩", "公顷"),
    ),
    Column(
        "content",
        "洽谈情况",
        "对接情况 洽谈内容 对接内容 进展 进展情况 情况说明 对接进展 洽谈进展 沟通情况 拜访情况 情况",
    ),
    Column("next_step", "下一步", "下一步计划 下一步举措 下一步打算 下一步工作 下步计划 下步打算"),
    Column(
        "next_contact_on",
        "下次联系日期",
        "下次联系时间 下次联系 回访日期 回访时间 下次回访日期 下次跟进日期 下次跟进时间",
    ),
    Column("note", "备注", "说明 其他 其他说明 附注"),
    Column("reason", "问题原因", is_ignored=True),
)
LABELS = {column.key: column.label for column in COLUMNS}

TITLE = "敲门招商对接表"
TEMPLATE = (
    ("序号", "示例"),
    ("企业名称*", "苏州青禾示例科技有限公司"),
    ("统一社会信用代码", "91330105MADEMQ012G"),
    ("所在城市", "苏州"),
    ("联系人", "沈一舟"),
    ("职务", "总经理"),
    ("联系电话", "0512-00000000"),
    ("拟投资额（万元）", "3000"),
    ("融合赛道", "智能制造"),
    ("对接日期", "2026-03-13"),
    ("需求面积（㎡）", "1200"),
    ("洽谈情况", "有意来杭考察"),
    ("下一步", "寄送载体资料"),
    ("下次联系日期", "2026-03-27"),
    ("投资方", ""),
    ("备注", ""),
)
TEXT_COLUMNS = (2, 6)
NOTES = (
    "1. 带 * 的列必填，其余不知道就留空；空着表示「不知道」，不是 0。",
    "2. 拟投资额按表头的单位填数字，也可自带单位，例如 0.3亿、3000万元；表头可改为（亿元）或（元）。",
    "3. 日期写成 2026-03-13、2026年3月13日 或 2026/3/13，没有年份的按行程的时间读。",
    "4. 统一社会信用代码 18 位，没有字母 I、O、S、V、Z；还没有就留空。",
    "5. 联系电话填一个手机号，或带区号的座机号。",
    "6. 列的顺序可以调整，不用的列可以删去，多出的列不会导入；序号为「示例」的行、合计行和「注：」不会导入。",
    "7. 一次最多 20 MB；请不要设打开密码，不要带宏。",
)


def write_roadshow_template(file):
    """Write the blank roadshow sheet (headers, a sample row, instructions) into the binary `file`."""
    headers, sample = zip(*TEMPLATE, strict=True)
    write_template(file, TITLE, headers, sample, NOTES, text_columns=TEXT_COLUMNS)
