"""One connection to the mail server, kept open from mail to mail."""

from collections.abc import Awaitable, Callable
from email.message import EmailMessage

import aiosmtplib

from services.notification.settings import Settings

TIMEOUT_SECONDS = 20.0
LOST = (
    aiosmtplib.SMTPConnectError,
    aiosmtplib.SMTPServerDisconnected,
    aiosmtplib.SMTPTimeoutError,
    # The server does not want us, whoever the mail is for.
    aiosmtplib.SMTPHeloError,
    aiosmtplib.SMTPAuthenticationError,
    aiosmtplib.SMTPSenderRefused,
    OSError,
)

Where = Callable[[], Awaitable[tuple[str, int]]]


class Unreachable(Exception):
    """The server is away, or takes no mail from us. It is not this mail's fault."""


class Refused(Exception):
    """The server will not take this mail.

    Attributes:
        for_good: False when it asked to try again later.
    """

    def __init__(self, for_good: bool) -> None:
        super().__init__()
        self.for_good = for_good


class Connection:
    """Sends one mail at a time.

    Args:
        where: tells host and port when a connection is made.
    """

    def __init__(self, settings: Settings, where: Where) -> None:
        self._settings = settings
        self._where = where
        self._smtp: aiosmtplib.SMTP | None = None

    async def send(self, mail: EmailMessage) -> None:
        """Hand a mail to the server, for whom its To names. When this returns, the server answers for it.

        Raises:
            Unreachable: it is not known whether the server has the mail, or it certainly has not.
            Refused: the server has answered that it does not take it.
        """
        try:
            smtp = await self._connected()
            await smtp.send_message(mail, sender=self._settings.mail_from, recipients=[str(mail["To"])])
        except LOST:
            # The error's text quotes what was said to the server; its cause is not kept.
            self._drop()
            raise Unreachable from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise Refused(all(one.code >= 500 for one in error.recipients)) from None
        except aiosmtplib.SMTPResponseException as error:
            self._drop()
            raise Refused(error.code >= 500) from None
        except (aiosmtplib.SMTPNotSupported, UnicodeError):
            self._drop()
            raise Refused(for_good=True) from None

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        host, port = await self._where()
        settings = self._settings
        tls = "none" if settings.catches_mail else settings.smtp_tls
        self._smtp = aiosmtplib.SMTP(
            hostname=host,
            port=port,
            timeout=TIMEOUT_SECONDS,
            local_hostname=settings.mail_from.rpartition("@")[2],
            use_tls=tls == "implicit",
            start_tls=tls == "starttls",
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
        )
        await self._smtp.connect()
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    async def close(self) -> None:
        """Say goodbye, if anybody listens."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None and smtp.is_connected:
            try:
                await smtp.quit()
            except (aiosmtplib.SMTPException, OSError):
                smtp.close()
