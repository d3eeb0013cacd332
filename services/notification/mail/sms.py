"""The addresses at which a gateway makes text messages of mails."""

from collections.abc import Sequence

from shared.settings import Settings


def sms_address(phone: str, settings: Settings) -> str:
    """Where to mail a text message for a number in international form: its digits, the country's first, no plus."""
    return f"{phone.removeprefix('+')}@{settings.sms_gateway_domain}"


def sms_number(addresses: Sequence[str], settings: Settings) -> str:
    """The number to which a mail went as a text message; empty of a mail that was none."""
    digits, _, domain = addresses[0].partition("@")
    return f"+{digits}" if settings.sms_gateway_domain and domain == settings.sms_gateway_domain else ""
