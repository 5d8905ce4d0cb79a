"""A team's page in the thick of it: tasks in every state, things on loan, updates to give, notices to authorities."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from emergency.domain.assignment import AssignedTask, Assignment
from emergency.domain.briefing import Briefing
from emergency.domain.deadline import Deadline, Watched
from emergency.domain.inventory import Allocation
from emergency.domain.plan import Deadlines, Notice, NoticeStatus, Plan, Text, Updates
from emergency.domain.terms import AutomaticStep, DecisionKind, Risk, Severity, Step, Team
from tests.support.telling import active_incident, briefing, decision_put_at, minutes

INCIDENT = "INC-20261122-7F3K"
RUNBOOK = "https://runbooks.banyan-market.example/service/hotline"


def said(english: str, hant: str, hans: str) -> Text:
    return {"en": english, "zh-Hant": hant, "zh-Hans": hans}


def _notice(id_: str, name: Text, recipient: Text, term: Text, source: Text, **changes: object) -> Notice:
    usual = Notice(
        id=id_,
        name=name,
        recipient=recipient,
        term=term,
        source=source,
        url=f"https://law.example/{id_}",
        checked=date(2026, 11, 20),
        status=NoticeStatus.IN_FORCE,
        begins="detected",
        within=72 * 3_600,
        risks=tuple(Risk),
        severities=tuple(Severity),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


NOTICES = (
    _notice(
        "gdpr-33",
        said("Notice under GDPR, article 33", "GDPR 第 33 條通報", "GDPR 第 33 条报告"),
        said("The supervisory authority", "監管機關", "监管机构"),
        said(
            "without undue delay, and where feasible not later than 72 hours after having become aware of it",
            "不得無故拖延，可行時應於知悉後 72 小時內",
            "不得无故拖延，可行时应在知悉后 72 小时内",
        ),
        said("GDPR, article 33(1)", "GDPR 第 33 條第 1 項", "GDPR 第 33 条第 1 款"),
    ),
    _notice(
        "cn-first-report",
        said("First report to the provincial authority", "向省級主管機關首次報告", "向省级主管部门首次报告"),
        said("The provincial cyberspace administration", "省級網信部門", "省级网信部门"),
        said("within 4 hours", "4 小時內", "4 小时内"),
        said(
            "Measures for reporting cybersecurity incidents, article 4",
            "國家網絡安全事件報告管理辦法第 4 條",
            "国家网络安全事件报告管理办法第 4 条",
        ),
        within=4 * 3_600,
    ),
    _notice(
        "cn-summary",
        said("Summary report", "總結報告", "总结报告"),
        said("The provincial cyberspace administration", "省級網信部門", "省级网信部门"),
        said("within 30 days after handling", "處置完成後 30 日內", "处置完成后 30 日内"),
        said(
            "Measures for reporting cybersecurity incidents, article 8",
            "國家網絡安全事件報告管理辦法第 8 條",
            "国家网络安全事件报告管理办法第 8 条",
        ),
        begins="handled",
        within=30 * 86_400,
    ),
    _notice(
        "final-report",
        said("Final report", "最終報告", "最终报告"),
        said("The CSIRT", "CSIRT", "CSIRT"),
        said("one month after the notification", "通報後一個月內", "报告后一个月内"),
        said("NIS2, article 23(4)(d)", "NIS2 第 23 條第 4 項 (d)", "NIS2 第 23 条第 4 款 (d)"),
        begins="gdpr-33",
        within=30 * 86_400,
        status=NoticeStatus.DRAFT,
    ),
)


def with_clocks(plan: Plan) -> Plan:
    """The plan with these notices, and with updates to give."""
    pace = dict.fromkeys(Severity, 1_200)
    deadlines = replace(
        plan.deadlines or Deadlines(),
        notices={notice.id: notice for notice in NOTICES},
        updates=Updates(first=pace, every=pace),
    )
    return replace(plan, deadlines=deadlines)


def busy(plan: Plan, team: Team = Team.CUSTOMER_SERVICE) -> Assignment:
    """A dozen tasks of the response in all the states that a task can be in, half an hour in."""
    lead, (deputy, *_) = plan.teams[team].lead, plan.teams[team].deputies
    member = (*plan.teams[team].members, deputy)[0]
    tasks = [
        _task(
            "brief-agents",
            said(
                "Tell all agents what fails, what to say and what not to promise.",
                "通知所有客服人員：故障情況、怎麼答覆、哪些不可承諾。",
                "通知所有客服人员：故障情况、如何答复、哪些不可承诺。",
            ),
            lead,
            due=27,
            done_at=minutes(24),
            done_by=lead,
        ),
        _task(
            "open-hotline",
            said(
                "Open the hotline: a number from the plan's pool, for this incident alone.",
                "開通專門熱線：從預案的號碼中撥出一線，專供本次事件使用。",
                "开通专门热线：从预案的号码池中启用一个号码，专供本次事件使用。",
            ),
            deputy,
            due=27,
            done_at=minutes(19),
            automatic=AutomaticStep.OPEN_HOTLINE,
        ),
        _task(
            "staff-hotline",
            said(
                "Staff the hotline with agents who are trained to verify a caller's identity.",
                "由受過身分核對訓練的人員接聽專門熱線。",
                "由受过身份核验培训的人员接听专门热线。",
            ),
            deputy,
            due=33,
            after=("customer_service/open-hotline",),
            runbook=RUNBOOK,
        ),
        _task(
            "holding-reply",
            said(
                "Publish the holding reply for chat and e-mail, in Chinese and English.",
                "發布線上客服與郵件的統一回覆，中英文各一則。",
                "发布在线客服和邮件的统一回复，中英文各一份。",
            ),
            lead,
            due=45,
            runbook="https://runbooks.banyan-market.example/service/holding-reply",
        ),
        _task(
            "answer-with-cause",
            said(
                "Answer with the cause once technical support has named it.",
                "待技術支持組查明原因後，據以答覆。",
                "待技术支持组查明原因后，据此答复。",
            ),
            lead,
            due=70,
            after=("technical_support/confirm-scope", "customer_service/holding-reply"),
        ),
        _task(
            "list-double-charges",
            said(
                "List complaints about double charges and hand them to finance.",
                "彙整重複扣款的投訴，轉交財務部門。",
                "汇总重复扣款的投诉，转交财务部门。",
            ),
            member,
            due=110,
        ),
        _task(
            "call-sellers",
            said(
                "Call the twenty largest sellers before they call us.",
                "主動致電前二十大賣家說明情況。",
                "主动致电前二十大卖家说明情况。",
            ),
            deputy,
            due=60,
            skipped_at=minutes(29),
            skipped_by=lead,
            reason="Marketing has called them already.",
        ),
        _task(
            "count-contacts",
            said(
                "Count questions and complaints by subject every two hours.",
                "每兩小時按主題統計詢問與投訴。",
                "每两小时按主题统计咨询和投诉。",
            ),
            member,
        ),
        _task(
            "vouchers",
            said(
                "Propose vouchers for customers whose order was lost.",
                "為訂單遺失的顧客提出補償方案。",
                "为订单丢失的顾客提出补偿方案。",
            ),
            lead,
            due=180,
        ),
        _task(
            "shift-plan",
            said(
                "Plan the night shift with both contact centres.",
                "與兩地客服中心排定夜班。",
                "与两地客服中心排定夜班。",
            ),
            deputy,
            due=50,
            added_by=lead,
        ),
        _task(
            "scam-calls",
            said(
                "Watch for scam calls in our name, and report them to public relations.",
                "留意冒用本公司名義的詐騙電話，並通報公關發言組。",
                "留意冒用本公司名义的诈骗电话，并通报公关发言组。",
            ),
            member,
            due=120,
        ),
        _task(
            "lend-resources",
            said(
                "Lend what the plan foresees: agents on standby and emergency funds.",
                "撥用預案所列的應急物資：待命客服人員與應急資金。",
                "调拨预案所列的应急物资：待命客服人员和应急资金。",
            ),
            lead,
            automatic=AutomaticStep.LEND_RESOURCES,
        ),
    ]
    return Assignment(incident_id=INCIDENT, team=team, lead=lead, tasks=tuple(tasks), assigned_at=minutes(18))


def clean_up(plan: Plan, team: Team = Team.CUSTOMER_SERVICE) -> Assignment:
    """The same team at clean-up: something is still switched, and the hotline is the system's to close."""
    lead = plan.teams[team].lead
    tasks = [
        _task(
            "back-holding-reply",
            said(
                "Take the holding reply down, and put the usual greeting back.",
                "撤下統一回覆，恢復平時的問候語。",
                "撤下统一回复，恢复平时的问候语。",
            ),
            lead,
            must_close=True,
        ),
        _task(
            "close-hotline",
            said("Close the hotline.", "關閉專門熱線。", "关闭专门热线。"),
            lead,
            automatic=AutomaticStep.CLOSE_HOTLINE,
        ),
        _task(
            "hand-over-cases",
            said(
                "List the cases that are still open, each with a name and a date until which it is settled.",
                "列出未結案件，逐件註明負責人與結案日期。",
                "列出未结案件，逐件注明负责人和办结日期。",
            ),
            lead,
            due=1_500,
            done_at=minutes(102),
            done_by=lead,
        ),
    ]
    tasks = [replace(task, step=Step.SITE_CLEAN_UP) for task in tasks]
    before = busy(plan, team)
    return replace(before, tasks=(*before.tasks, *tasks), cleaning_since=minutes(101))


def _task(id_: str, text: Text, owner: str, *, due: float = 0, **changes: object) -> AssignedTask:
    task = AssignedTask(id=id_, text=text, owner=owner, began_at=minutes(18), due_at=minutes(due) if due else None)
    return replace(task, **changes)  # type: ignore[arg-type]


def others(plan: Plan) -> dict[Team, Assignment]:
    """What the other team of the response still has to do."""
    team = Team.TECHNICAL_SUPPORT
    task = _task(
        "confirm-scope",
        said(
            "Confirm what fails and since when: compare the alarm with the dashboards of the services around it.",
            "確認故障範圍與起始時間：將告警與上下游服務的儀表板互相對照。",
            "确认故障范围和起始时间：将告警与上下游服务的监控面板相互对照。",
        ),
        plan.teams[team].lead,
        due=33,
    )
    lead = plan.teams[team].lead
    return {team: Assignment(incident_id=INCIDENT, team=team, lead=lead, tasks=(task,), assigned_at=minutes(18))}


def loans(team: Team = Team.CUSTOMER_SERVICE) -> tuple[Allocation, ...]:
    """Funds of which something was spent, and goods."""
    funds = Allocation(
        incident_id=INCIDENT,
        resource="emergency-funds",
        team=team,
        wanted=60_000_000,
        quantity=60_000_000,
        lent_at=minutes(17.4),
        spent=4_500_000,
    )
    return funds, replace(funds, resource="radios", wanted=6, quantity=6, spent=0)


def the_updates(due: float = 46) -> Deadline:
    """The clock of the updates to the public."""
    return Deadline(incident_id=INCIDENT, id=Watched.UPDATES, began_at=minutes(26), due_at=minutes(due), beat=1)


def team_briefing(
    plan: Plan,
    kind: DecisionKind,
    locale: str = "en",
    contact: str = "",
    *,
    team: Team = Team.CUSTOMER_SERVICE,
    helps: bool = False,
    **changes: object,
) -> Briefing:
    """A team's question with all that its page shows."""
    opened = 101.5 if kind is DecisionKind.CLEAN_UP else 21.8
    ladder = plan.ladder(kind, team)
    decision = decision_put_at(opened, plan, kind, rungs=ladder, team=team)
    told = briefing(plan, decision, locale, contact, active_incident(plan))
    assignment = clean_up(plan, team) if kind is DecisionKind.CLEAN_UP else busy(plan, team)
    speaks = team is Team.PUBLIC_RELATIONS
    told = replace(
        told,
        assignment=assignment,
        assignments={**others(plan), team: assignment},
        allocations=loans(team),
        updates=the_updates() if speaks else None,
        helps=helps,
    )
    return replace(told, **changes)  # type: ignore[arg-type]
