"""Who answers what: the interface, the pages, the control room."""

from hero_onboarding.sandbox.clickpesa.api import PREFIX, answer_api
from hero_onboarding.sandbox.clickpesa.control import answer_control
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.page import answer_page
from hero_onboarding.sandbox.exchange import Answer, Request


def answer_request(merchant: Merchant, request: Request) -> Answer:
    """Answer one request.

    Raises:
        DroppedError: If its connection is to be cut.
    """
    match request.segments[:1]:
        case ("sandbox",):
            return answer_control(merchant, request)
        case (first,) if first == PREFIX:
            return answer_api(merchant, request)
        case _:
            return answer_page(merchant, request)
