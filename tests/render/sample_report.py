"""A rich county report made by hand: every kind of block, chart and row, with simulated numbers for 安吉县."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.stats.disclose import Disclosed, Part, Peer
from fieldkit.stats.report import (
    Axis,
    Cell,
    Chapter,
    ClassChart,
    Column,
    CountyReport,
    Cover,
    DotChart,
    Figure,
    Heading,
    KeyChart,
    LikertChart,
    Numbered,
    Panel,
    Paragraph,
    QuartileChart,
    Row,
    Rows,
    Segment,
    ShareChart,
    Stack,
    Table,
    Wave,
    WaveChart,
    Waves,
)

DATES = "2026年11月2日—11月15日"
SCORE = Axis(0, 100, (0, 25, 50, 75, 100))
SHARE = Axis(0, 100, (0, 25, 50, 75, 100), unit="%")
HIDDEN = "—"


def score(
    indicator: str, value: float, lo: float, hi: float, n: int, peer: float | None = None, group: str = ""
) -> Disclosed:
    """A mean that may be shown."""
    reference = None
    if peer is not None:
        d = value - peer
        reference = Peer(peer, None, None, 5, diff=d, diff_lo=d - 5.4, diff_hi=d + 5.4, wording="no_clear_difference")
    return Disclosed(indicator, "mean", "ok", value, lo, hi, n=n, peer=reference, group=group)


def count(indicator: str, median: float, q1: float, q3: float, n: int, peer: float | None = None) -> Disclosed:
    """A median that may be shown."""
    reference = None if peer is None else Peer(peer, None, None, 5, wording="no_clear_difference")
    return Disclosed(indicator, "median", "ok", median, q1=q1, q3=q3, lo=q1 + 0.5, hi=q3 - 0.5, n=n, peer=reference)


def hidden(indicator: str, n_min: int = 10, statistic: str = "mean") -> Disclosed:
    """A number of too few respondents."""
    return Disclosed(indicator, statistic, "suppressed_n", n_min=n_min)


def sign(value: float) -> str:
    """A signed number as the report prints it."""
    return f"{value:+.1f}".replace("-", "−")


def dot(label: str, number: Disclosed, **more: object) -> Row:
    """A row of a dot chart."""
    if not number.shown:
        return Row(label, number, HIDDEN, "", f"不足{number.n_min}人", **more)  # type: ignore[arg-type]
    return Row(label, number, f"{number.value:.1f}", f"{number.lo:.1f}–{number.hi:.1f}", str(number.n), **more)  # type: ignore[arg-type]


def middle(label: str, number: Disclosed, **more: object) -> Row:
    """A row of a quartile chart."""
    return Row(label, number, f"{number.value:.1f}", f"{number.q1:.1f}–{number.q3:.1f}", str(number.n), **more)  # type: ignore[arg-type]


def share(label: str, percent: float, n: int, lo: float, hi: float, **more: object) -> Row:
    """A row of a share chart."""
    number = Disclosed("neg_task", "share", "ok", percent, lo, hi, n=n)
    return Row(label, number, f"{percent:.0f}%", f"{lo:.0f}–{hi:.0f}", str(n), **more)  # type: ignore[arg-type]


def bar(label: str, parts: list[tuple[float, int, str]], names: tuple[str, ...], count_: str = "44") -> Stack:
    """A stacked bar from (percent, step, mark)."""
    segments = tuple(
        Segment(names[step], percent, f"{percent:.0f}{mark}", step, merged=bool(mark)) for percent, step, mark in parts
    )
    return Stack(label, segments, count=count_)


AGREE = ("非常不同意", "比较不同意", "一般", "比较同意", "非常同意")
BURDEN = score("perceived_burden", 63.3, 58.3, 68.2, 44, 57.2)
ROOM = score("negotiating_room", 42.1, 30.1, 54.1, 27, 38.8)
FELT_ROOM = score("perceived_negotiating_room", 48.8, 42.0, 55.7, 42, 47.5)
FREQUENCY = count("assessment_frequency", 9.5, 8.0, 12.0, 44, 9.0)
HOURS = count("trace_hours", 11.0, 8.0, 15.5, 43, 9.5)
MEETINGS = count("meetings_per_month", 8.0, 7.0, 12.0, 44, 8.2)
MEMBER = Disclosed("alliance_participation", "share", "masked_extreme", bound=">93", n=43)
TILT = score("action_tilt", -27.0, -43.0, -11.1, 38)
BALANCE = score("balance_index", 56.2, 45.1, 67.3, 38)

LONG_OPTION = (
    "领导班子成员（含党委政府班子、人大主席、政协联络组长以及其他担任副科级以上职务、分管一个或多个方面工作的同志），"
    "或者虽不担任上述职务但受委托牵头负责某一片区、某一专班、某一项目的同志；内设机构（站、办、所、中心）负责人及主持工作的副职；"
    "一般工作人员，包括公务员、事业编制人员、聘用人员、公益性岗位人员、西部计划志愿者和大学生村官；"
    "村（社区）“两委”成员、村（居）民小组长、网格员、专职社区工作者、妇联主席、民兵营长、治保主任、调解主任；"
    "驻村第一书记、驻村工作队员、包村干部、科技特派员、乡村振兴指导员，以及上级部门派驻在本单位、人事关系不在本单位但承担本单位日常工作的其他人员。"
)
assert len(LONG_OPTION) >= 260

ITEMS = [
    ("core_level", "您目前在哪一级工作？", "乡镇 / 街道 / 村 / 社区"),
    ("bur_af1", "过去一个月，本单位接受上级的常规考核、打分、排名或通报，共多少次？", "0–99 整数，次"),
    ("bur_af2", "过去一个月，上级领导或部门到本单位督查、检查、调研，共多少次？", "0–99 整数，次"),
    ("bur_af4", "过去一个月，本单位新签订责任状、承诺书一类文件，共多少份？", "0–99 整数，份"),
    (
        "bur_tr_hours",
        "过去一周，您用在整理台账、拍照留痕、填表报数、准备迎检材料上的时间，共约多少小时？",
        "0–100，步长0.5，小时",
    ),
    ("bur_meet_n", "过去一个月，您参加会议（含视频会议）共多少次？", "0–200 整数，次"),
    ("bur_pb1", "我的工作任务，在正常工作时间内做不完。", "五点，非常不同意至非常同意"),
    ("bur_pb2", "我花在迎检、填报和留痕上的精力，超过了花在服务群众上的精力。", "五点，非常不同意至非常同意"),
    ("bur_pb3", "上级下达的任务，超出了本单位现有条件能够承担的程度。", "五点，非常不同意至非常同意"),
    ("bur_pb4", "不同上级对我提出的要求常常相互冲突。", "五点，非常不同意至非常同意"),
    ("bur_pb5", "我常担心因工作没做到位而被通报或问责。", "五点，非常不同意至非常同意"),
    ("bur_pb6", "我有足够的时间做好自己的本职工作。", "五点，非常不同意至非常同意，反向"),
    (
        "neg_task",
        "请回想过去十二个月里，上级下达给本单位、有明确数字指标的一项主要任务。它属于哪一类？",
        "农业生产（如粮食种植面积） / 人居环境整治 / 12345热线、群众诉求办理 / 参保、征缴、信息核查 / "
        "招商、项目、投资 / 安全生产、信访维稳 / 民生服务与基础设施 / 其他 / 没有带数字指标的任务",
    ),
    (
        "neg_dir",
        "这项任务的指标，是要求“做到多少以上”，还是“控制在多少以内”？",
        "做到多少以上（越多越难） / 控制在多少以内（越少越难）",
    ),
    ("neg_assigned", "最初下达给本单位的指标是多少？（只填数字）", "0–999999999，最多2位小数，该任务自身单位"),
    ("neg_feasible", "按本地实际情况，尽最大努力能做到多少？（与上题同一单位）", "0–999999999，最多2位小数，同上"),
    ("neg_accepted", "经过沟通，最后上级认可的是多少？（没有调整就填最初的指标）", "0–999999999，最多2位小数，同上"),
    ("neg_pr1", "对上级下达的指标，本单位有提出不同意见的余地。", "五点，非常不同意至非常同意"),
    ("neg_pr2", "本单位说明实际困难后，指标或时限能够得到调整。", "五点，非常不同意至非常同意"),
    ("neg_pr3", "有合理原因而没有完全达标时，上级能够接受。", "五点，非常不同意至非常同意"),
    ("neg_pr4", "指标一旦下达，就没有商量的余地。", "五点，非常不同意至非常同意，反向"),
    (
        "al_member",
        "本单位目前是否参加了党建联盟（包括红色联盟、区域化党建共建等）？",
        "参加了1个 / 参加了2个及以上 / 没有参加 / 不清楚",
    ),
    ("al_role", "在您最熟悉的那个联盟里，本单位的角色是？", "发起或牵头单位 / 理事或核心成员 / 一般成员 / 说不清"),
    ("al_req_n", "过去三个月的联盟活动中，上级明确要求开展的（规定动作）有多少次？", "0–200 整数，次"),
    ("al_opt_n", "过去三个月的联盟活动中，联盟自己决定开展的（自选动作）有多少次？", "0–200 整数，次"),
    ("core_post", "您目前的岗位属于哪一类？", LONG_OPTION),
    (
        "core_years",
        "您在乡镇（街道）、村（社区）累计工作了多少年？",
        "不满2年 / 2—5年 / 6—10年 / 11—20年 / 20年以上 / 不便回答",
    ),
    (
        "core_bianzhi",
        "您的身份属于哪一类？",
        "公务员（含参公管理） / 事业编制 / 聘用或编外人员 / 村（社区）干部，不属于以上编制 / 不便回答",
    ),
    ("core_age", "您的年龄段", "30岁及以下 / 31—40岁 / 41—50岁 / 51岁及以上 / 不便回答"),
    ("core_gender", "您的性别（可不答）", "男 / 女 / 不便回答"),
]

READING = (
    "结果来自自愿参加调查的干部，不代表全县所有干部。",
    "平均分反映一组人的总体看法，不能推到任何一个人或一个单位。",
    "95%区间表示抽样波动的大致范围；人数越少，区间越宽。",
    "两个数的区间有重叠时，不宜说谁高谁低。",
    "不同问卷版本的分数不能直接比较。",
    "本报告描述情况，不说明原因。",
    "本报告不得用于考核、排名、评优或问责。",
)


def headline(name: str, sub: str, value: str, interval: str, peer: str, n: str) -> tuple[Cell, ...]:
    """A row of the headline table."""
    return Cell(name, sub=sub), Cell(value), Cell(interval), Cell(peer), Cell(n)


def cells(*texts: str) -> tuple[Cell, ...]:
    """A plain row."""
    return tuple(map(Cell, texts))


SUMMARY = (
    Chapter("summary", "一页摘要", new_page=True),
    Paragraph(f"本轮调查在{DATES}进行，纳入分析44份答卷。下表列出七项主要结果，各项含义不同，不相加，也不合成总分。"),
    Table(
        "表1",
        "主要结果",
        (
            Column("指标"),
            Column("本县结果", "right", 66, strong=True),
            Column("95%区间\n或四分位", "right", 80),
            Column("同类县\n参照", "right", 58),
            Column("有效\n人数", "right", 48),
        ),
        (
            headline("感知负担", "平均分0—100，分数越高表示感到的负担越重", "63.3", "58.3–68.2", "57.2", "44"),
            headline("考核督查频次", "中位数，次/月；考核、督查检查调研、责任状合计", "9.5", "8.0–12.0", "9.0", "44"),
            headline("留痕迎检工时", "中位数，小时/周", "11.0", "8.0–15.5", "9.5", "43"),
            headline(
                "谈判空间指数", "平均分0—100，要求与实际的差距中得到调整的部分", "42.1", "30.1–54.1", "38.8", "27"
            ),
            headline(
                "感知谈判空间", "平均分0—100，分数越高表示感到可以沟通调整的余地越大", "48.8", "42.0–55.7", "47.5", "42"
            ),
            headline("联盟参与", "回答者所在单位参加党建联盟的百分比", "高于93%", HIDDEN, HIDDEN, "43"),
            headline(
                "规定—自选平衡指数", "平均分0—100，分数越高表示两类活动的次数越接近", "56.2", "45.1–67.3", HIDDEN, "38"
            ),
        ),
        note="各量表均为试用。中位数一行印四分位，其余印95%区间。比例接近0或100%时只印上限或下限，不印区间。"
        "同类县参照为“—”：可比较的县少于3个，本报告不作比较。指标编号见附录。",
    ),
    Heading("findings", "主要发现", 3),
    Numbered(
        (
            "参加调查的44名干部中，感知负担平均为**63.3分**（0—100分，分数越高表示感到的负担越重），95%区间为58.3—68.2分。",
            "本县感知负担的平均分比同类县参照值高6.1分（95%区间0.7到11.5分），差异超出抽样波动的范围。",
            "留痕迎检工时的中位数为11.0小时/周（中间一半的回答在8.0到15.5小时/周之间，n=43）。",
            "在39名提供了数字指标任务的回答者中，69%的任务存在下达指标高于（或严于）本地可行水平的情况；"
            "在这些任务里，平均有42.1%的差距经沟通得到调整（95%区间30.1—54.1%）。",
            "表示所在单位参加了党建联盟的比例高于93%。",
        )
    ),
    Panel("怎样阅读", " ".join(f"{n}. {line}" for n, line in enumerate(READING, 1))),
)

SURVEY = (
    Chapter("survey", "调查概况", "1", new_page=True),
    Paragraph(
        "调查面向本县乡镇、街道、村和社区的工作人员，通过一次性邀请链接自愿填写，不收集姓名、电话和单位名称。"
        "本轮收到47份提交，3份未纳入分析，原因包括他人代填或统一口径、未通过注意力检查且作答过快两类，合并计数。"
    ),
    Table(
        "表2",
        "答卷与填答情况",
        (
            Column("邀请人数", width=60),
            Column("提交份数", "right", 70),
            Column("未纳入份数", "right", 70),
            Column("纳入分析份数", "right", 82),
            Column("填答时间中位数", "right", 92),
            Column("调查日期", "right"),
        ),
        (cells("120", "47", "3", "44", "8.6分钟", "11月2日—11月15日"),),
    ),
    Table(
        "表3",
        "回答者的工作层级",
        (Column("层级", width=126), Column("人数", "right", 56), Column("百分比", "right", 64)),
        (cells("乡镇、街道", "27", "61%"), cells("村、社区", "17", "39%")),
        note="纳入分析不足50份，不印年龄、岗位、工作年限等其他构成。",
    ),
    Table(
        "表4",
        "按工作层级看主要结果",
        (
            Column("指标"),
            Column("乡镇、街道", "right", 90),
            Column("人数", "right", 36),
            Column("村、社区", "right", 104),
            Column("人数", "right", 36),
        ),
        (
            cells("感知负担，平均分（95%区间）", "65.3 (59.5–71.1)", "27", "60.0 (50.4–69.7)", "17"),
            cells("考核督查频次，次/月，中位数（四分位）", "9.0 (7.5–11.0)", "27", "10.0 (9.0–13.0)", "17"),
            cells("谈判空间指数，平均分（95%区间）", HIDDEN, HIDDEN, HIDDEN, HIDDEN),
        ),
        note="“—”表示有效人数不足10人，按规则不公布。两个层级中有一个不足10人时，两个都不公布。",
    ),
    Figure(
        "图1",
        "图中的记号",
        KeyChart(SCORE, "本县结果", "同类县参照", "95%区间", "下四分位", "中位数", "上四分位", "按规则不公布"),
        note="实心点为本县，细线为95%区间，空心圈为同类县参照；浅色条的两端为四分位，粗竖线为中位数。坐标轴在各县、各轮之间相同。",
        described="图例：实心点为本县，细线为95%区间，空心圈为同类县参照，浅色条为四分位，粗竖线为中位数，横线表示按规则不公布。",
    ),
    Paragraph(
        "同类县由研究团队在调查开始前确定（同省、山区、2025年末常住人口40万—65万人的县，共5个）；参照值是各县平均分的简单平均，"
        "不含本县。差异可能来自人员构成、调查时间或工作阶段的不同，不能说明原因。"
    ),
)

PEERS = "同类县参照"
DOT_HEADS = ("平均分", "95%区间", "人数n")
MEDIAN_HEADS = ("中位数", "四分位", "人数n")

PRESSURE = (
    Chapter("burden", "考核督查与任务压力", "2"),
    Heading("burden.frequency", "考核督查的次数", 2, "2.1"),
    Paragraph(
        "考核督查频次的中位数为9.5次/月（中间一半的回答在8.0到12.0次/月之间，n=44），其中常规考核3.0次、督查检查调研5.0次、"
        "签订责任状1.0份（均为中位数，三项之和不等于总数的中位数）。本县的中位数与同类县未见明显差异。"
    ),
    Figure(
        "图2",
        "考核督查频次及其三个组成部分",
        QuartileChart(
            Axis(0, 40, (0, 10, 20, 30, 40), unit="次/月"),
            (
                Rows(
                    (
                        middle("常规考核、打分、排名或通报", count("bur_af1", 3, 2, 5, 44)),
                        middle("督查、检查、调研", count("bur_af2", 5, 3, 7, 44)),
                        middle("新签责任状、承诺书（份）", count("bur_af4", 1, 0, 2, 44)),
                        middle("考核督查频次（合计）", FREQUENCY, strong=True),
                    )
                ),
            ),
            MEDIAN_HEADS,
            "四分位与中位数",
            "同类县中位数",
        ),
        note=f"指标assessment_frequency，题目bur_af1、bur_af2、bur_af4；调查时间{DATES}。",
        described="考核督查频次的中位数为9.5次/月，四分位8.0到12.0；常规考核3.0次，督查检查调研5.0次，责任状1.0份。",
    ),
    Heading("burden.hours", "留痕迎检与会议", 2, "2.2"),
    Paragraph(
        "留痕迎检工时的中位数为11.0小时/周（中间一半的回答在8.0到15.5小时/周之间，n=43）。"
        "会议次数的中位数为8.0次/月（中间一半的回答在7.0到12.0次/月之间，n=44）。"
    ),
    Figure(
        "图3",
        "留痕迎检工时和会议次数",
        QuartileChart(
            Axis(0, 40, (0, 10, 20, 30, 40), unit="小时或次"),
            (Rows((middle("留痕迎检工时（小时/周）", HOURS), middle("参加会议（次/月，含视频会议）", MEETINGS))),),
            MEDIAN_HEADS,
            "四分位与中位数",
            "同类县中位数",
        ),
        note=f"指标trace_hours、meetings_per_month；调查时间{DATES}。",
        described="留痕迎检工时的中位数为11.0小时/周；会议次数的中位数为8.0次/月。",
    ),
    Heading("burden.felt", "感知负担", 2, "2.3"),
    Paragraph(
        "参加调查的44名干部中，感知负担平均为63.3分（0—100分，分数越高表示感到的负担越重），95%区间为58.3—68.2分。"
        "本县的平均分比同类县参照值高6.1分（95%区间0.7到11.5分），差异超出抽样波动的范围。"
    ),
    Figure(
        "图4",
        "感知负担的平均分",
        DotChart(
            replace(SCORE, low_words="感到的负担较轻", high_words="感到的负担较重"),
            (
                Rows(
                    (
                        dot("感知负担", BURDEN),
                        dot("其中：乡镇、街道", score("perceived_burden", 65.3, 59.5, 71.1, 27, group="upper")),
                        dot("其中：村、社区", score("perceived_burden", 60.0, 50.4, 69.7, 17, group="lower")),
                    )
                ),
            ),
            DOT_HEADS,
            "本县",
            PEERS,
        ),
        note=f"指标perceived_burden，试用量表；调查时间{DATES}。空心圈为5个同类县的平均（57.2分）。",
        described="感知负担平均63.3分，95%区间58.3到68.2分；乡镇、街道65.3分，村、社区60.0分；同类县参照57.2分。",
    ),
    Figure(
        "图5",
        "感知负担六道题的回答分布（百分比）",
        LikertChart(
            AGREE,
            (
                bar(
                    "我的工作任务，在正常工作时间内做不完。",
                    [(7, 1, "*"), (32, 2, ""), (32, 3, ""), (30, 4, "")],
                    AGREE,
                ),
                bar(
                    "我花在迎检、填报和留痕上的精力，超过了花在服务群众上的精力。",
                    [(14, 1, "*"), (27, 2, ""), (41, 3, ""), (18, 4, "")],
                    AGREE,
                ),
                bar(
                    "上级下达的任务，超出了本单位现有条件能够承担的程度。",
                    [(20, 1, "*"), (36, 2, ""), (30, 3, ""), (14, 4, "")],
                    AGREE,
                ),
                bar("不同上级对我提出的要求常常相互冲突。", [(18, 1, "*"), (43, 2, ""), (39, 3, "*")], AGREE),
                bar(
                    "我常担心因工作没做到位而被通报或问责。",
                    [(9, 1, "*"), (25, 2, ""), (50, 3, ""), (16, 4, "")],
                    AGREE,
                ),
                bar(
                    "我有足够的时间做好自己的本职工作。（反向题）",
                    [(23, 0, ""), (27, 1, ""), (27, 2, ""), (23, 3, "*")],
                    AGREE,
                ),
            ),
            "人数n",
        ),
        note=f"题目bur_pb1至bur_pb6，原始方向；调查时间{DATES}。带*的一段合并了相邻两档，因为其中一档不足3人。百分比四舍五入，合计可能不等于100。",
        described="六道题的回答分布。“我的工作任务，在正常工作时间内做不完”：比较不同意及以下7%，一般32%，比较同意32%，非常同意30%；其余五题见数字表。",
    ),
)

ROOM_NAMES = ("指标高于可行水平", "基本一致", "指标低于可行水平", "信息不全", "没有数字指标任务")

TALK = (
    Chapter("negotiation", "上下级沟通与谈判空间", "3"),
    Paragraph(
        "在39名提供了数字指标任务的回答者中，69%的任务存在下达指标高于（或严于）本地可行水平的情况；在这些任务里，"
        "平均有42.1%的差距经沟通得到调整（95%区间30.1—54.1%）。另有13%的任务下达指标与可行水平基本一致，"
        "10%的任务下达指标低于（或宽于）可行水平，这两类不计算谈判空间。下达指标和可行水平均由填答者估计，未经核实。"
    ),
    Figure(
        "图6",
        "44名回答者的任务属于哪种情况",
        ClassChart(
            (
                Stack(
                    "",
                    tuple(Segment(ROOM_NAMES[n], p, f"{p}%", n) for n, p in enumerate((61, 11, 9, 7, 11))),
                    count="n=44",
                ),
            )
        ),
        note=f"指标room_status_shares；调查时间{DATES}。只有第一类计算谈判空间指数。",
        described="指标高于可行水平61%，基本一致11%，指标低于可行水平9%，信息不全7%，没有数字指标任务11%。",
    ),
    Figure(
        "图7",
        "谈判空间指数和感知谈判空间",
        DotChart(
            replace(SCORE, low_words="余地较小", high_words="余地较大"),
            (Rows((dot("谈判空间指数", ROOM), dot("感知谈判空间", FELT_ROOM))),),
            DOT_HEADS,
            "本县",
            PEERS,
        ),
        note=f"指标negotiating_room、perceived_negotiating_room；调查时间{DATES}。谈判空间指数只用第一类任务计算，参照为4个同类县。",
        described="谈判空间指数平均42.1分，感知谈判空间平均48.8分。",
    ),
    Paragraph(
        "谈判空间指数与同类县参照值之间未见明显差异（相差3.3分，95%区间−9.3到15.9分）；"
        "感知谈判空间也未见明显差异（相差1.3分，95%区间−5.7到8.4分）。"
    ),
    Table(
        "表5",
        "下达指标与实际之间",
        (Column("指标"), Column("中位数", "right", 60), Column("四分位", "right", 90), Column("有效人数", "right", 68)),
        (
            cells("下达指标高出可行水平的幅度（%）", "20.8", "14.7–26.8", "33"),
            cells("经沟通下调的幅度（%）", "8.3", "1.5–11.4", "33"),
            cells("其中“控制在多少以内”的任务，高出可行水平的幅度（%）", HIDDEN, HIDDEN, HIDDEN),
        ),
        note="“—”表示有效人数不足10人，按规则不公布。",
    ),
    Figure(
        "图8",
        "回答者想到的是哪一类任务",
        ShareChart(
            SHARE,
            (
                Rows(
                    (
                        share("农业生产（如粮食种植面积）", 25, 44, 15, 39),
                        share("人居环境整治", 20, 44, 11, 35),
                        share("12345热线、群众诉求办理", 16, 44, 8, 29),
                        share("参保、征缴、信息核查", 14, 44, 6, 27),
                        Row(
                            "招商、项目、投资",
                            Disclosed("neg_task", "share", "masked_extreme", bound="<8", n=44),
                            "低于8%",
                            HIDDEN,
                            "44",
                        ),
                        Row(
                            "民生服务与基础设施建设、移民搬迁和其他需要多个部门共同办理的事项",
                            hidden("neg_task", 10, "share"),
                            HIDDEN,
                            HIDDEN,
                            "不足10人",
                        ),
                        share("其他（含人数过少的选项）", 14, 44, 6, 27),
                        share("没有带数字指标的任务", 11, 44, 5, 24),
                    )
                ),
            ),
            ("百分比", "95%区间", "人数n"),
        ),
        note=f"题目neg_task，单选，n=44；调查时间{DATES}。选择人数不足3人的类别并入“其他”。",
        described="农业生产25%，人居环境整治20%，12345热线、群众诉求办理16%，参保、征缴、信息核查14%，招商、项目、投资低于8%。",
    ),
)

ROLES = ("发起或牵头单位", "理事或核心成员", "一般成员", "说不清")

ALLIANCE = (
    Chapter("alliance", "党建联盟", "4"),
    Paragraph(
        "表示所在单位参加了党建联盟的比例高于93%（n=43）。这是回答者所在单位参加的比例，不是单位的比例；同一单位可能有多人填答。"
    ),
    Figure(
        "图9",
        "联盟参与",
        ShareChart(
            SHARE,
            (Rows((Row("所在单位参加了党建联盟", MEMBER, "高于93%", HIDDEN, "43"),)),),
            ("百分比", "95%区间", "人数n"),
        ),
        note=f"指标alliance_participation；调查时间{DATES}。参加比例接近100%，只印下限，框线表示可能的范围。",
        described="所在单位参加了党建联盟的比例高于93%。",
    ),
    Figure(
        "图10",
        "本单位在联盟中的角色",
        ClassChart(
            (
                Stack(
                    "本单位的角色",
                    tuple(Segment(ROLES[n], p, f"{p}%", n) for n, p in enumerate((20, 35, 35, 10))),
                    count=HIDDEN,
                ),
                Stack("联盟牵头的部门", (), count=HIDDEN, suppressed="有效人数不足10人，按规则不公布"),
            )
        ),
        note=f"题目al_role；调查时间{DATES}。角色题只问参加者，因此不印人数，百分比取5的倍数。",
        described="发起或牵头单位约20%，理事或核心成员约35%，一般成员约35%，说不清约10%。",
    ),
    Heading("alliance.tilt", "规定动作与自选动作", 2),
    Paragraph(
        "过去三个月，联盟活动中规定动作与自选动作的次数构成平均偏向规定动作（倾向值−27.0，−100表示全部为规定动作，"
        "+100表示全部为自选动作）。次数接近不等于效果更好。"
    ),
    Figure(
        "图11",
        "规定动作与自选动作的倾向",
        DotChart(
            Axis(
                -100, 100, (-100, -50, 0, 50, 100), low_words="全部为规定动作", high_words="全部为自选动作", signed=True
            ),
            (Rows((Row("倾向值", TILT, "−27.0", "−43.0 – −11.1", "38"),)),),
            DOT_HEADS,
        ),
        note=f"指标action_tilt，题目al_req_n、al_opt_n；调查时间{DATES}。",
        described="倾向值平均−27.0，95%区间−43.0到−11.1。",
    ),
    Table(
        "表6",
        "过去三个月联盟活动的次数",
        (Column("活动"), Column("中位数", "right", 60), Column("四分位", "right", 90), Column("有效人数", "right", 68)),
        (
            cells("上级明确要求开展的（规定动作）", "5.0", "3.0–6.8", "38"),
            cells("联盟自己决定开展的（自选动作）", "3.0", "1.0–4.0", "38"),
        ),
        note="次数由回答者回忆，可能与台账不同。",
    ),
)

WAVES = (
    Chapter("waves", "与上一轮比较", "5"),
    Paragraph(
        "第1轮在2026年4月13日—4月24日进行，纳入分析38份。感知负担两轮之间未见明显变化（相差−6.1分，95%区间−13.2到0.9分）；"
        "感知谈判空间两轮之间未见明显变化（相差2.6分，95%区间−6.3到11.5分）。两轮的回答者不是同一批人，"
        "变化不能理解为个人看法的改变，也不能归结为某项政策的作用。"
    ),
    Table(
        "表7",
        "两轮比较",
        (
            Column("指标"),
            Column("第1轮（4月）\n版本1.0.0", "right", 78),
            Column("第2轮（11月）\n版本1.0.0", "right", 84),
            Column("变化", "right", 48),
            Column("95%区间", "right", 74),
            Column("可比性", width=52),
        ),
        (
            cells("感知负担", "69.4 (n=38)", "63.3 (n=44)", "−6.1", "−13.2到0.9", "可比"),
            cells("考核督查频次，中位数", "11.0 (n=38)", "9.5 (n=44)", "不计算", "有重叠", "可比"),
            cells("留痕迎检工时，中位数", "12.5 (n=37)", "11.0 (n=43)", "不计算", "有重叠", "可比"),
            cells("谈判空间指数", HIDDEN, "42.1 (n=27)", HIDDEN, HIDDEN, "人数不足"),
            cells("感知谈判空间", "46.2 (n=36)", "48.8 (n=42)", "+2.6", "−6.3到11.5", "可比"),
            cells("规定—自选平衡指数", "61.0 (n=31)", "56.2 (n=38)", "−4.8", "−18.1到8.5", "可比"),
        ),
        note="“—”表示按规则不公布或不作比较，原因见最后一列。两轮调查处于年度工作的不同阶段（如年终考核前后），比较须谨慎。"
        "中位数只看区间是否重叠，不计算差值。",
    ),
    Figure(
        "图12",
        "三项主要结果在各轮的平均分",
        WaveChart(
            SCORE,
            tuple(
                Waves(
                    title,
                    (
                        Wave("试测", numbers[0], f"{numbers[0].value}", "2025年11月", f"n={numbers[0].n}"),
                        Wave(
                            "第1轮",
                            numbers[1],
                            f"{numbers[1].value}" if numbers[1].shown else HIDDEN,
                            "2026年4月",
                            f"n={numbers[1].n}" if numbers[1].shown else "",
                            broken="问卷改版，前后不可比",
                        ),
                        Wave(
                            "第2轮",
                            numbers[2],
                            f"{numbers[2].value}",
                            "2026年11月",
                            f"n={numbers[2].n}",
                            joined=numbers[1].shown,
                        ),
                    ),
                )
                for title, numbers in (
                    (
                        "感知负担",
                        (
                            score("perceived_burden", 71.8, 65.5, 78.1, 31),
                            score("perceived_burden", 69.4, 64.2, 74.7, 38),
                            BURDEN,
                        ),
                    ),
                    (
                        "谈判空间指数",
                        (score("negotiating_room", 36.5, 25.6, 47.5, 22), hidden("negotiating_room"), ROOM),
                    ),
                    (
                        "规定—自选平衡指数",
                        (
                            score("balance_index", 64.5, 55.4, 73.6, 27),
                            score("balance_index", 61.0, 52.9, 69.0, 31),
                            BALANCE,
                        ),
                    ),
                )
            ),
        ),
        note="竖线为95%区间；只有可比的两轮之间连线。“—”表示有效人数不足10人，按规则不公布。虚线处问卷由0.9.0版改为1.0.0版，前后不连线。",
        described="感知负担：试测71.8，第1轮69.4，第2轮63.3。谈判空间指数：试测36.5，第1轮不公布，第2轮42.1。规定—自选平衡指数：试测64.5，第1轮61.0，第2轮56.2。",
    ),
)


def pole(label: str, left: str, right: str, value: float, lo: float, hi: float) -> Row:
    """A bipolar row."""
    number = Disclosed("pathway_direction", "mean", "ok", value, lo, hi, n=39)
    return Row(label, number, sign(value), f"{sign(lo)} – {sign(hi)}", "39", left=left, right=right)


CLASSES = ("问题倒逼为主", "平台驱动为主", "复合", "两者均不明显")
ANSWERS = ("派人协助或牵头协调", "部分指导", "放宽时限，自己解决", "转给其他部门", "未受理或没有回应")
SOURCES = (
    "上级党委政府部署的专项任务",
    "业务主管部门的年度考核",
    "巡视巡察与审计整改",
    "群众来信来访和热线工单",
    "突发事件与安全生产",
    "媒体和网络关注",
    "相邻地区的比较和竞争",
    "其他（含人数过少的选项）",
)

FULL = (
    Chapter("full", "完整问卷的图", "6"),
    Paragraph("本县使用简版问卷。以下各图用完整问卷的模拟数据，供熟悉图式。"),
    Figure(
        "图13",
        "沟通机制、责任基础与动员结果",
        DotChart(
            SCORE,
            (
                Rows(
                    (
                        dot("客观性归因", score("m1", 58.1, 51.9, 64.3, 41, 55.0)),
                        dot("组织化协调", score("m2", 63.4, 57.9, 68.9, 41, 64.0)),
                        dot("制度性反馈", score("m3", 49.6, 42.8, 56.4, 40, 52.2)),
                        dot("多重化激励", score("m4", 44.2, 37.2, 51.2, 39, 41.5)),
                    ),
                    "沟通机制",
                ),
                Rows(
                    (
                        dot("层级责任连带", score("f1", 71.3, 66.2, 76.4, 41, 66.8)),
                        dot("主体责任内化", score("f2", 76.0, 71.6, 80.4, 41, 75.0)),
                        dot("集体行动共识", score("f3", 67.5, 61.9, 73.1, 40, 66.2)),
                    ),
                    "责任基础",
                ),
                Rows(
                    (
                        dot("运动式治理常规化", score("o1", 60.8, 54.8, 66.8, 38, 59.5)),
                        dot("非问责有限动员", hidden("o2")),
                        dot("执行自主性空间", score("o3", 47.7, 41.4, 54.0, 40, 50.5)),
                    ),
                    "动员结果",
                ),
            ),
            DOT_HEADS,
            "本县",
            PEERS,
        ),
        note=f"指标见附录；调查时间{DATES}。“—”表示有效人数不足10人，按规则不公布。",
        described="沟通机制四项在44.2到63.4分之间，责任基础三项在67.5到76.0分之间，动员结果中一项按规则不公布。",
    ),
    Figure(
        "图14",
        "像本单位这样的基层单位的一般情况",
        DotChart(
            SCORE,
            (
                Rows(
                    (
                        dot("优先保证考核事项", hidden("p1", 20)),
                        dot("临时集中迎检", hidden("p2", 20)),
                        Row(
                            "选择性落实",
                            Disclosed("p3", "mean", "masked_tail", bound="<5", n=24),
                            "低于5",
                            HIDDEN,
                            "24",
                        ),
                        Row("灵活变通", Disclosed("p4", "mean", "suppressed_unanimous", n=24), HIDDEN, HIDDEN, "24"),
                    )
                ),
            ),
            DOT_HEADS,
        ),
        note="“—”表示有效人数不足20人，或者全部答案相同，按规则不公布。这组题问的是一般看法，不表示回答者或其单位采取过这些做法；不与同类县比较。",
        described="三项按规则不公布，选择性落实低于5分。",
    ),
    Figure(
        "图15",
        "四个维度的取向",
        DotChart(
            Axis(-3, 3, (-3, -2, -1, 0, 1, 2, 3), low_words="问题倒逼", high_words="平台驱动", signed=True),
            (
                Rows(
                    (
                        pole("动力来源", "主要由群众诉求和一线问题推动", "主要由上级规划和政策推动", -0.6, -1.1, -0.1),
                        pole("运行体系", "围绕具体问题组织各方力量", "围绕统一平台组织各方力量", 0.3, -0.2, 0.8),
                        pole("运行机制", "靠调整流程和条块权责来解决", "靠数据贯通和技术工具来解决", -0.2, -0.7, 0.3),
                        pole("绩效控制", "看每一件诉求办得怎么样", "看平台汇总的整体数据怎么样", 0.9, 0.5, 1.3),
                    )
                ),
            ),
            ("平均", "95%区间", "人数n"),
        ),
        note=f"题目pw_bi1至pw_bi4；调查时间{DATES}。0附近不能区分“两者都有”和“两者都没有”。",
        described="动力来源−0.6，运行体系+0.3，运行机制−0.2，绩效控制+0.9。",
    ),
    Figure(
        "图16",
        "本地做法的类型、部门的第一次回应和压力来源",
        ClassChart(
            (
                Stack(
                    "做法类型",
                    tuple(Segment(CLASSES[n], p, f"{p}%", n) for n, p in enumerate((24, 16, 42, 18))),
                    count="n=38",
                ),
                Stack(
                    "部门的回应",
                    tuple(Segment(ANSWERS[n], p, f"{p}%", n) for n, p in enumerate((21, 26, 24, 18, 11))),
                    count="n=38",
                ),
                Stack(
                    "压力的主要来源",
                    tuple(Segment(SOURCES[n], p, f"{p}%", n) for n, p in enumerate((26, 18, 15, 12, 10, 8, 3, 8))),
                    count="n=38",
                ),
            )
        ),
        note=f"指标pathway_class（另有3人信息不全，未归类）、题目co_resp；调查时间{DATES}。",
        described="做法类型：问题倒逼为主24%，平台驱动为主16%，复合42%，两者均不明显18%。",
    ),
)

BACK = (
    Chapter("reading", "怎样阅读本报告", "7"),
    Numbered(READING),
    Heading("limits", "局限", 2),
    Paragraph(
        "本问卷由研究团队根据已发表论文中的概念编制，尚在检验之中。次数、时间和指标数均为填答者的回忆和估计。"
        "同一单位可能有多人填答，区间未考虑同一单位内回答的相似性，实际不确定性可能更大。敏感题可能受到顾虑的影响。"
    ),
    Chapter("annex", "附录"),
    Heading("annex.items", "题目原文", 2, "A"),
    Paragraph("题目按问卷中的顺序列出。编号供研究人员核对，与数据文件中的列名相同。"),
    Table(
        "表8",
        "简版问卷的题目",
        (Column("编号", width=62), Column("题目", width=236), Column("选项或范围")),
        tuple((Cell(code, code=True), Cell(text), Cell(options)) for code, text, options in ITEMS),
        note="知情同意、县名、注意力检查、填写情况和留言五项从略。",
        long=True,
    ),
    Heading("annex.methods", "计算方法", 2, "B"),
    Paragraph(
        "量表分：各题取值1—5，反向题先换算，有效题数达到要求时取平均再换算为0—100分。平均分的区间为t区间；比例的区间为Wilson区间；"
        "次数和工时印中位数与四分位。谈判空间指数=100×（下达指标−认可指标）/（下达指标−可行水平），"
        "方向为“控制在多少以内”时取相反数，超出0—100的取端点。"
    ),
    Table(
        "表9",
        "指标的计算",
        (Column("指标", width=124), Column("题目", width=154), Column("有效条件", width=104), Column("统计量与区间")),
        (
            (
                Cell("感知负担", sub="perceived_burden"),
                *cells("bur_pb1至bur_pb6（第6题反向）", "6题中至少4题", "平均分，t区间"),
            ),
            (
                Cell("感知谈判空间", sub="perceived_negotiating_room"),
                *cells("neg_pr1至neg_pr4（第4题反向）", "4题中至少3题", "平均分，t区间"),
            ),
            (
                Cell("谈判空间指数", sub="negotiating_room"),
                *cells("neg_dir、neg_assigned、neg_feasible、neg_accepted", "差距大于较大值的1%", "平均分，t区间"),
            ),
            (
                Cell("考核督查频次", sub="assessment_frequency"),
                *cells("bur_af1、bur_af2、bur_af4", "三题均有", "中位数，四分位"),
            ),
            (Cell("联盟参与", sub="alliance_participation"), *cells("al_member", "不含“不清楚”", "百分比，Wilson区间")),
            (
                Cell("规定—自选平衡指数", sub="balance_index"),
                *cells("al_req_n、al_opt_n", "两题均有且不全为0", "平均分，t区间"),
            ),
        ),
        long=True,
    ),
    Heading("annex.versions", "版本与变更记录", 2, "C"),
    Table(
        "表10",
        "问卷版本",
        (Column("版本", width=60), Column("日期", width=100), Column("变更")),
        (
            cells("1.0.0", "2026年4月1日", "正式版。规定动作、自选动作的回忆期由六个月改为三个月，前后不可比。"),
            cells("0.9.0", "2025年10月20日", "试测版。"),
        ),
    ),
    Heading("annex.hidden", "未公布数据说明", 2, "D"),
    Table(
        "表11",
        "未公布的结果",
        (Column("结果", width=190), Column("原因")),
        (
            cells("谈判空间指数，按工作层级", "至少一个层级的有效人数不足10人，两个层级都不公布"),
            cells("谈判空间指数，第1轮", "有效人数不足10人"),
            cells("联盟参与的百分比", "比例接近100%，只印下限"),
            cells("规定—自选平衡指数的同类县参照", "可比较的县少于3个"),
        ),
    ),
    Heading("annex.technical", "技术指标", 2, "E"),
    Paragraph(
        "按比例补足缺题的量表分占4%。感知负担的内部一致性系数（α）为0.84，感知谈判空间为0.71（各县合并数据）。"
        "不作任何剔除时，感知负担平均为63.0分，考核督查频次中位数为9.5次/月。同时比较多项时，个别差异可能出于偶然。"
    ),
)

RESULTS = (
    BURDEN,
    replace(score("perceived_burden", 65.25, 59.5, 71.1, 27), group="upper"),
    ROOM,
    FELT_ROOM,
    FREQUENCY,
    HOURS,
    MEMBER,
    TILT,
    BALANCE,
    Disclosed(
        "unannounced_share",
        "ratio",
        "ok",
        42.857142,
        29.5,
        56.2,
        n=41,
        peer=Peer(38.26, None, None, 4, 4.6, -2.1, 11.3, "no_clear_difference"),
    ),
    hidden("selective_action", 20),
    Disclosed("tightness", "mean", "suppressed_unanimous", n=12),
    Disclosed("balance_split", "mean", "suppressed_complement"),
    Disclosed("nominal_reduction", "mean", "masked_tail", bound=">95", n=25),
    Disclosed("stall_weeks", "median", "no_data"),
    Disclosed("relief_index", "mean", "not_comparable"),
    Disclosed(
        "al_role",
        "categories",
        "ok",
        parts=(Part((1,), 20.0), Part((2,), 35.0), Part((3, 9), 45.0, merged=True)),
        coarse=True,
    ),
)


def sample(**changes: object) -> CountyReport:
    """The report; single fields can be replaced."""
    report = CountyReport(
        language="zh",
        cover=Cover(
            county="安吉县",
            province="浙江省湖州市",
            title="基层工作负担与治理协作调查\n汇总报告（第2轮）",
            lines=(
                ("调查时间", DATES),
                ("研究团队", "某大学基层治理课题组"),
                ("问卷版本", "1.0.0（简版问卷，35题）"),
                ("纳入分析", "44份"),
                ("生成日期", "2026年11月20日，第1次生成"),
            ),
            box="本报告只呈现汇总结果，供研究和改进工作参考。**不得用于考核、排名或问责，不得据此查找任何单位或个人。**",
            box_title="使用范围",
            simulated="模拟数据，仅供样式参考",
        ),
        blocks=(*SUMMARY, *SURVEY, *PRESSURE, *TALK, *ALLIANCE, *WAVES, *FULL, *BACK),
        results=RESULTS,
        footer="安吉县 · 第2轮 · 问卷版本1.0.0 · 生成日期2026年11月20日 · 汇总结果，不用于考核",
        page_words="第{page}页/共{pages}页",
        contents_words="内容",
        title="安吉县基层工作负担与治理协作调查汇总报告（第2轮）",
        subject=f"第2轮，问卷版本1.0.0，调查时间{DATES}；模拟数据",
        author="某大学基层治理课题组",
        keywords="基层工作负担; 治理协作; 汇总结果; 不用于考核",
        dated="2026-11-20",
        simulated="模拟数据，仅供样式参考",
        facts=(("county_code", "330523"), ("wave", "2"), ("form_version", "1.0.0"), ("simulated", "1")),
    )
    return replace(report, **changes)  # type: ignore[arg-type]
