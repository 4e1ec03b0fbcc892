"""Lines without personal data, made by chance as controllers and package managers write them; and names to plant."""

import random
from collections.abc import Callable

_TAGS = ("P-922", "V-645", "10-LT-4501A", "FIC-2031", "M12", "TT-0093B", "CV-07", "AX3", "B2-ROB-04", "HX-11")
_MODULES = ("Conveyor.Infeed", "RecipeManager", "AxisControl", "SafetyTask", "Main", "IOScanner", "OpcUaServer", "HMI")
_CODES = ("E487", "ERR_0x80070005", "Alarm 3041", "F30002", "A-0512", "0xC000_0005", "W#16#80A1", "AL-E6.1", "SP99")
_UNITS = ("bar", "kPa", "mm/s", "rpm", "degC", "A", "kW", "Nm", "l/min", "%", "mbar", "Hz")
_STATES = ("IDLE", "RUN", "HOLD", "ABORTED", "Starting", "Stopped", "Homing", "Fault")
_FAULTS = (
    "Drive overload", "Axis following error", "Photo eye blocked", "Light curtain tripped", "Low hydraulic pressure",
    "Encoder battery low", "Gripper not closed", "Vacuum not reached", "Door interlock open", "Servo not ready",
)  # fmt: skip
_DEVICES = ("Siemens S7-1500", "Omron NX102", "Keyence KV-8000", "Fanuc R-30iB", "Mitsubishi Q03UDV", "Beckhoff CX5140")
_PARTS = ("6205-2RS", "22218-E1-K", "MR-J4-70B", "DWG 400-118-02 Rev C", "6ES7515-2AM02-0AB0", "M8x25 A2-70")
_JA_FAULTS = ("過負荷", "通信異常", "原点復帰未完了", "油圧低下", "温度上限", "非常停止", "ワーク詰まり", "扉開")
_JA_UNITS = ("1号機", "2号機", "コンベヤ3", "搬送ロボット", "洗浄機", "プレス機", "包装ライン", "組立ST5")
_PACKAGES = (
    "libc6",
    "python3.11-minimal",
    "perl-base",
    "libssl3",
    "bash",
    "grep",
    "gawk",
    "tzdata",
    "vim-tiny",
    "maven",
)
_DEBIAN = (
    "startup archives unpack",
    "status installed",
    "status half-configured",
    "status unpacked",
    "configure",
    "upgrade",
)


def controller_lines(count: int, seed: int) -> list[str]:
    """Return log lines of controllers and machines, a third of them Japanese."""
    rng = random.Random(seed)
    makers: tuple[Callable[[random.Random], str], ...] = (
        _fault, _value, _state, _module, _counter, _part, _japanese_alarm, _japanese_value, _japanese_step,
    )  # fmt: skip
    return [makers[number % len(makers)](rng) for number in range(count)]


def package_lines(count: int, seed: int) -> list[str]:
    """Return lines as dpkg writes them into its log."""
    rng = random.Random(seed)
    lines = []
    for _ in range(count):
        version = f"{rng.randint(0, 12)}.{rng.randint(0, 40)}-{rng.randint(1, 9)}+deb12u{rng.randint(1, 9)}"
        package = f"{rng.choice(_PACKAGES)}:{rng.choice(('amd64', 'all'))} {version}"
        lines.append(f"{_date(rng)} {_clock(rng)} {rng.choice(_DEBIAN)} {package} <none>")
    return lines


def _date(rng: random.Random) -> str:
    return f"20{rng.randint(18, 25)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _clock(rng: random.Random) -> str:
    return f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"


def _stamp(rng: random.Random) -> str:
    clock = _clock(rng)
    return rng.choice((f"{_date(rng)} {clock}.{rng.randint(0, 999):03}", f"{_date(rng)}T{clock}Z", f"[{clock}]"))


def _fault(rng: random.Random) -> str:
    level = rng.choice(("ERROR", "WARN", "ALARM", "FAULT"))
    return f"{_stamp(rng)} {level} {rng.choice(_CODES)} {rng.choice(_FAULTS)} on {rng.choice(_TAGS)}"


def _value(rng: random.Random) -> str:
    limit = rng.randint(50, 900) / 10
    return f"{_stamp(rng)} {rng.choice(_TAGS)} PV={limit + rng.random():.2f} {rng.choice(_UNITS)} SP={limit} HH limit"


def _state(rng: random.Random) -> str:
    before, after = rng.choice(_STATES), rng.choice(_STATES)
    return f"{_stamp(rng)} INFO {rng.choice(_MODULES)}: state {before} -> {after} step {rng.randint(1, 99)}"


def _module(rng: random.Random) -> str:
    return (
        f"{_stamp(rng)} [{rng.choice(_MODULES)}] {rng.choice(_DEVICES)} connection lost, "
        rf"retry {rng.randint(1, 9)}, see C:\Logs\{rng.choice(_MODULES)}_{rng.randint(1, 31)}.log"
    )


def _counter(rng: random.Random) -> str:
    counters = f"CycleTime={rng.randint(2, 90)}.{rng.randint(0, 9)}s Good={rng.randint(0, 99999)}"
    return f"{_stamp(rng)} {counters} NG={rng.randint(0, 50)} Lot L{rng.randint(10**6, 10**7)}"


def _part(rng: random.Random) -> str:
    job = f"replaced bearing {rng.choice(_PARTS)} on {rng.choice(_TAGS)}, torque {rng.randint(5, 90)} Nm"
    return f"{_clock(rng)} {job}, order 45{rng.randint(10**7, 10**8)}"


def _japanese_alarm(rng: random.Random) -> str:
    return f"{_stamp(rng)} アラーム{rng.randint(100, 9999)} {rng.choice(_JA_UNITS)} {rng.choice(_JA_FAULTS)} 発生"


def _japanese_value(rng: random.Random) -> str:
    values = f"圧力{rng.randint(1, 90) / 10}MPa 温度{rng.randint(20, 95)}℃"
    return f"{_stamp(rng)} {rng.choice(_JA_UNITS)} {rng.choice(_TAGS)} {values} 正常"


def _japanese_step(rng: random.Random) -> str:
    counters = f"サイクル{rng.randint(5, 90)}秒 品番{rng.choice(_PARTS)} 良品{rng.randint(0, 9999)}"
    return f"{_stamp(rng)} {rng.choice(_JA_UNITS)}:工程{rng.randint(1, 20)}完了 {counters}"


GIVEN = (
    "Garry", "Dave", "Piotr", "Yuki", "Sanjay", "Helen", "Craig", "Ming", "Joanne", "Tobias", "Kenji", "Marta", "Owen",
    "Priya", "Stefan", "Aisha", "Bruce", "Naoko", "Callum", "Ivana",
)  # fmt: skip
SURNAMES = (
    "Tanaka", "Smith", "Kowalski", "Nguyen", "O'Rourke", "Bush", "Wells", "Okafor", "Lindqvist", "Petrov", "Yamamoto",
    "Fraser", "McAllister", "Haddad", "Schneider", "Rossi", "Ferreira", "Bright", "Gallagher", "Suzuki", "Van Dijk",
    "Turner", "Whitlam", "Novak", "Sato", "Patel", "Jensen", "Carter", "Mbeki", "Dubois", "Horvat", "Ishikawa", "Keane",
    "Lopez", "Morrison", "Nakamura", "Olsen", "Pereira", "Quigley", "Ramsay", "Steele", "Takahashi", "Ueda", "Vasquez",
    "Watanabe", "Young", "Zielinski", "Abbott", "Banerjee", "Costa",
)  # fmt: skip
JAPANESE = (
    "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田", "佐々木",
    "松本", "井上",
    "木村", "林", "斎藤", "清水", "山崎",
    "森", "池田", "橋本", "阿部", "石川", "前田", "藤田", "小川",
    "後藤", "岡田", "長谷川",
    "村上", "近藤", "石井", "坂本", "遠藤", "青木", "藤井", "西村", "福田",
)  # fmt: skip
FORMS: dict[str, tuple[str, ...]] = {  # what is planted behind a work order; {g} given name, {s} surname, {j} 佐藤
    "title": ("Mr {s} saw it", "see Ms {s}", "Dr. {g} {s} to approve"),
    "cue": (
        "reported by {s}", "called {g} {s} re {t}", "ask {g} about {t}", "spoke to {g} {s}", "checked by {s}",
        "called J. {s} re {t}",
        "contact {g} {s}",
    ),
    "label": ("担当:{j}", "Technician: {g} {s}", "報告者:{j}", "operator: {s}", "作業者 {j}"),
    "honorific": ("{j}さんに確認", "{j}様より連絡", "{j}課長へ報告"),
    "bare": ("{g} to check", "{g} {s} on site", "left with {s}", "{s} has the key"),
}  # fmt: skip
