"""Who answers what: the REST interface, the pages, the control room."""

from hero_onboarding.sandbox.exchange import Answer, Request
from hero_onboarding.sandbox.stripe.account import Account
from hero_onboarding.sandbox.stripe.api import answer_api
from hero_onboarding.sandbox.stripe.control import answer_control
from hero_onboarding.sandbox.stripe.page import answer_page


def answer_request(account: Account, request: Request) -> Answer:
    """Answer one request.

    Raises:
        DroppedError: If its connection is to be cut.
    """
    match request.segments[:1]:
        case ("sandbox",):
            return answer_control(account, request)
        case ("c",):
            return answer_page(account, request)
        case _:
            return answer_api(account, request)
