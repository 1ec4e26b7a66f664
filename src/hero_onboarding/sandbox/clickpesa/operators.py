"""Mobile-money operators: who has which number, and what a payment costs whom."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, get_args

from hero_onboarding.sandbox.clickpesa.switches import Operator, Settings

PHONE: Final = re.compile(r"255[67]\d{8}")
PUSH_MIN: Final = 500
PUSH_MAX: Final = 3_000_000
M_PESA: Final = "M-PESA"
TIGO_PESA: Final = "TIGO-PESA"
AIRTEL_MONEY: Final = "AIRTEL-MONEY"
OPERATORS: Final = (M_PESA, TIGO_PESA, AIRTEL_MONEY)

# By the digits after 255, as far as the sandbox cares; numbers can be ported in the control room.
_PREFIXES: Final[Mapping[str, str]] = {
    "65": TIGO_PESA,
    "67": TIGO_PESA,
    "68": AIRTEL_MONEY,
    "69": AIRTEL_MONEY,
    "78": AIRTEL_MONEY,
    "62": "HALOPESA",
}
_SLABS: Final = (
    (500, 54),
    (900, 92),
    (2_000, 124),
    (3_000, 230),
    (4_000, 380),
    (4_400, 580),
    (9_000, 920),
    (20_000, 1_150),
    (40_000, 1_572),
    (50_000, 2_136),
    (96_000, 3_240),
    (200_000, 3_660),
    (300_000, 4_080),
    (400_000, 4_340),
    (500_000, 4_820),
    (600_000, 5_230),
    (800_000, 6_146),
    (1_000_000, 7_210),
    (2_000_000, 7_960),
)
_BILL_PERMILLE: Final[Mapping[str, int]] = {"HALOPESA": 20, TIGO_PESA: 25}
BillChannel = Literal["M-PESA", "TIGO-PESA", "AIRTEL-MONEY", "HALOPESA", "CRDB COLLECTION"]
BILL_CHANNELS: Final = get_args(BillChannel)


def operator_of(phone: str) -> str:
    """Say which operator a number had when it was issued."""
    return _PREFIXES.get(phone[3:5], M_PESA)


def push_fee(amount: Decimal) -> int:
    """Say what a push costs the payer, in shillings."""
    index = bisect_right(_SLABS, amount, key=lambda slab: Decimal(slab[0])) - 1
    return _SLABS[max(index, 0)][1]


def bill_fee(amount: Decimal, channel: str) -> Decimal:
    """Say what a payment to a control number costs the merchant, in whole shillings."""
    fee = amount * _BILL_PERMILLE.get(channel, 10) / 1000
    return fee.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def states_of(settings: Settings) -> dict[str, Operator]:
    """Say how each operator is, without those that are absent."""
    states = dict(
        zip(OPERATORS, (settings.m_pesa, settings.tigo_pesa, settings.airtel_money), strict=True)
    )
    return {name: state for name, state in states.items() if state != "absent"}
