"""What the account holds: objects as they go over the wire, by kind and id."""

from typing import Any, Final

from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.stripe.failures import missing

Object = dict[str, Any]

_PREFIXES: Final = {
    "balance_transaction": "txn_",
    "charge": "ch_",
    "checkout.session": "cs_test_",
    "customer": "cus_",
    "dispute": "du_",
    "event": "evt_",
    "item": "li_",
    "payment_intent": "pi_",
    "payment_method": "pm_",
    "payout": "po_",
    "radar.early_fraud_warning": "issfr_",
    "refund": "re_",
    "setup_intent": "seti_",
    "webhook_endpoint": "we_",
}


def new_id_of(kind: str) -> str:
    """Make an id for an object of a kind."""
    return new_id(_PREFIXES[kind])


class Shelf:
    """All objects, in the order they were made."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, Object]] = {}

    def put(self, thing: Object) -> None:
        """Keep an object."""
        self._kinds.setdefault(thing["object"], {})[thing["id"]] = thing

    def remove(self, thing: Object) -> None:
        """Forget an object."""
        del self._kinds[thing["object"]][thing["id"]]

    def clear(self) -> None:
        """Forget every object."""
        self._kinds.clear()

    def find(self, kind: str, thing_id: object) -> Object | None:
        """Return the object of a kind and id, if there is one."""
        return self._kinds.get(kind, {}).get(str(thing_id))

    def find_any(self, thing_id: str) -> Object | None:
        """Return the object of an id, whatever its kind."""
        for held in self._kinds.values():
            if thing_id in held:
                return held[thing_id]
        return None

    def get(self, kind: str, thing_id: str, *, param: str | None = None) -> Object:
        """Return the object of a kind and id.

        Raises:
            StripeAnswerError: If there is none; 400 if a parameter named it, else 404.
        """
        found = self.find(kind, thing_id)
        if found is None:
            raise missing(kind, thing_id, param=param)
        return found

    def list_newest(self, kind: str) -> list[Object]:
        """List the objects of a kind, the newest first."""
        return list(self._kinds.get(kind, {}).values())[::-1]
