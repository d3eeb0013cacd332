"""The notification service's environment variables."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from shared.settings import Settings as SharedSettings


class Settings(SharedSettings):
    """See `shared.settings.Settings`.

    Attributes:
        smtp_host: the mail server; empty in trial mode: the built-in catcher, and no mail leaves the machine.
        smtp_tls: `starttls`, `implicit` (TLS from the first byte) or `none`.
        smtp_connections: how many mails are sent at the same time.
        mail_from: the sender's address. It says nothing of illness, and neither does the name.
        mail_poll_seconds: how often to look for messages that have become due.
        mail_lease_seconds: after so long another process sends what a dead one had in hand.
    """

    smtp_host: str = Field("", validation_alias="SMTP_HOST")
    smtp_port: int = Field(587, validation_alias="SMTP_PORT", ge=1, le=65535)
    smtp_user: str = Field("", validation_alias="SMTP_USER")
    smtp_password: SecretStr = Field(SecretStr(""), validation_alias="SMTP_PASSWORD")
    smtp_tls: Literal["starttls", "implicit", "none"] = Field("starttls", validation_alias="SMTP_TLS")
    smtp_connections: int = Field(4, validation_alias="SMTP_CONNECTIONS", ge=1, le=50)
    mail_from: str = Field("hello@motesplats.invalid", validation_alias="MAIL_FROM", pattern=r"^\S+@\S+$")
    mail_from_name: str = Field("Mötesplats", validation_alias="MAIL_FROM_NAME")
    mail_poll_seconds: float = Field(0.5, validation_alias="MAIL_POLL_SECONDS", gt=0)
    mail_lease_seconds: float = Field(10.0, validation_alias="MAIL_LEASE_SECONDS", gt=0)

    @model_validator(mode="after")
    def _somewhere_to_send(self) -> Self:
        if not self.trial and not self.smtp_host:
            raise ValueError("SMTP_HOST is needed: the mail server that messages are sent through")
        return self

    @property
    def catches_mail(self) -> bool:
        """Whether mail stays on this machine, in the trial mailbox."""
        return self.trial and not self.smtp_host
