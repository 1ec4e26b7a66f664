"""Prices by cloud unit, and what a machine costs by them. Pure, in whole micro-dollars.

A compute unit is 2 vCPU with 4 GB, 4 with 2, or 1 with 8; a storage unit is 200 GB of SSD. Half
units and smaller count as what they are. These are the units of ThreeFold's grid 3.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from hero_onboarding.pricing.errors import WrongPriceError, WrongWishError

HOURS_A_MONTH: Final = 720
PRICE_MICROS_MAX: Final = 10**9
TZS_MAX: Final = 10**6
VCPU_MAX: Final = 256
MEMORY_GB_MAX: Final = 4096
STORAGE_GB_MAX: Final = 100_000
_SSD_GB: Final = 200
_REMEMBERED: Final = 256


@dataclass(frozen=True, slots=True)
class PriceTable:
    """What a unit costs.

    Attributes:
        compute_micros: A compute unit for an hour, in micro-dollars.
        storage_micros: A storage unit for an hour, in micro-dollars.
        tzs_per_usd: Whole shillings for a dollar, to show beside; None where it is not shown.
    """

    compute_micros: int
    storage_micros: int
    tzs_per_usd: int | None = None

    def require_sound(self) -> None:
        """Raise unless each price could be charged.

        Raises:
            WrongPriceError: If one is negative or absurd.
        """
        for price in (self.compute_micros, self.storage_micros):
            if not 0 <= price <= PRICE_MICROS_MAX:
                raise WrongPriceError("a price is 0 to 1,000 dollars for a unit and hour")
        if self.tzs_per_usd is not None and not 1 <= self.tzs_per_usd <= TZS_MAX:
            raise WrongPriceError("a dollar is 1 to 1,000,000 shillings")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A machine: virtual CPUs, memory and SSD storage in GB (1024^3)."""

    vcpu: int
    memory_gb: int
    storage_gb: int

    def require_sound(self) -> None:
        """Raise unless there could be such a machine.

        Raises:
            WrongWishError: If not.
        """
        is_sound = (
            1 <= self.vcpu <= VCPU_MAX
            and 1 <= self.memory_gb <= MEMORY_GB_MAX
            and 0 <= self.storage_gb <= STORAGE_GB_MAX
        )
        if not is_sound:
            raise WrongWishError(
                f"a machine has 1 to {VCPU_MAX} vCPU, 1 to {MEMORY_GB_MAX} GB of memory and up to"
                f" {STORAGE_GB_MAX} GB of storage"
            )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a machine costs, in micro-dollars, each rounded half up; a month has 720 hours."""

    hour_micros: int
    month_micros: int


@lru_cache(_REMEMBERED)
def estimate(table: PriceTable, wanted: Wanted) -> Estimate:
    """Estimate the cost of a machine that runs all the time.

    Raises:
        WrongWishError: If there could be no such machine.
    """
    wanted.require_sound()
    cpu, memory = Fraction(wanted.vcpu), Fraction(wanted.memory_gb)
    compute = min(max(memory / 4, cpu / 2), max(memory / 8, cpu), max(memory / 2, cpu / 4))
    storage = Fraction(wanted.storage_gb, _SSD_GB)
    hour = compute * table.compute_micros + storage * table.storage_micros
    return Estimate(_half_up(hour), _half_up(hour * HOURS_A_MONTH))


def _half_up(amount: Fraction) -> int:
    return int((amount + Fraction(1, 2)) // 1)
