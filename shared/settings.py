"""The environment variables that every service reads. A service adds its own in its `settings.py`."""

import re
from functools import cached_property
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnsafeSetting(Exception):
    """Store or broker is set so that what was promised can be lost; the message says which setting to change."""


class Settings(BaseSettings):
    """What a service needs to know of its surroundings.

    Attributes:
        kafka_bootstrap_servers: `host:port`, several with commas.
        kafka_assign_partitions: read every partition of every topic without joining a consumer group. Only for one
            process per service; the embedded broker is slow to form groups.
        kafka_idempotent: let the broker drop repeated sends. Every Apache Kafka does; the embedded broker cannot.
        kafka_poll_ms: the longest a read waits for new events.
        kafka_partitions: how many partitions a topic gets when the platform creates it.
        kafka_replication: how many copies a topic gets when the platform creates it.
        mongodb_uri: must name a replica set, since every change is a transaction.
        mongodb_prefix: how the names of the services' databases begin.
        public_url: where people reach the pages; every link is built from it.
        secret_key: signs personal links and staff sessions; the same for all services, at least 32 characters.
        trial: mail catcher and movable clock; never where real people are served.
        time_zone: IANA name; the zone in which sessions are shown and reminders are timed.
        staff_threshold: staff see "too few" where fewer respondents are in the base of a figure.
        public_threshold: the same for the public.
        privacy_url: the operator's own page on how personal data is used; empty: the built-in page.
        metrics_token: what a collector of metrics shows at `/metrics`; empty: there is no such page.
        sms_gateway_domain: mail to a number at this domain becomes a text message; empty: there is no such gateway, and
            whoever left a telephone number is called.
        exit_url: where the quick way out of a page leads.
        theme: path of a style sheet that overrides tokens.
        embed_sites: which sites may show the list of meetings in a frame, such as `https://region.example`;
            several with spaces.
        host: the address a service listens on; in a container 0.0.0.0.
        port: the port a service listens on.
    """

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    kafka_assign_partitions: bool = Field(False, validation_alias="KAFKA_ASSIGN_PARTITIONS")
    kafka_idempotent: bool = Field(True, validation_alias="KAFKA_IDEMPOTENT")
    kafka_poll_ms: int = Field(100, validation_alias="KAFKA_POLL_MS", ge=5, le=5000)
    kafka_partitions: int = Field(6, validation_alias="KAFKA_PARTITIONS", ge=1)
    kafka_replication: int = Field(-1, validation_alias="KAFKA_REPLICATION")
    mongodb_uri: SecretStr = Field(validation_alias="MONGODB_URI")
    mongodb_prefix: str = Field("motesplats", validation_alias="MONGODB_PREFIX", pattern=r"^[a-z0-9_]{1,40}$")
    public_url: str = Field("http://127.0.0.1:8080", validation_alias="PUBLIC_URL")
    secret_key: SecretStr = Field(validation_alias="MOTESPLATS_SECRET_KEY")
    trial: bool = Field(False, validation_alias="MOTESPLATS_TRIAL")
    time_zone: str = Field("Europe/Stockholm", validation_alias="MOTESPLATS_TIME_ZONE")
    staff_threshold: int = Field(5, validation_alias="MOTESPLATS_STAFF_THRESHOLD", ge=1)
    public_threshold: int = Field(10, validation_alias="MOTESPLATS_PUBLIC_THRESHOLD", ge=1)
    privacy_url: str = Field("", validation_alias="MOTESPLATS_PRIVACY_URL")
    sms_gateway_domain: str = Field("", validation_alias="SMS_GATEWAY_DOMAIN")
    exit_url: str = Field("https://www.wikipedia.org/", validation_alias="MOTESPLATS_EXIT_URL")
    metrics_token: SecretStr = Field(SecretStr(""), validation_alias="MOTESPLATS_METRICS_TOKEN")
    theme: str = Field("", validation_alias="MOTESPLATS_THEME")
    embed_sites: str = Field("", validation_alias="MOTESPLATS_EMBED_SITES")
    host: str = Field("127.0.0.1", validation_alias="HOST")
    port: int = Field(8080, validation_alias="PORT", ge=0, le=65535)

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            raise ValueError("PUBLIC_URL must look like https://meet.example.org, without a path")
        return value.rstrip("/")

    @field_validator("sms_gateway_domain")
    @classmethod
    def _a_domain(cls, value: str) -> str:
        if value and not re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+", value.lower()):
            raise ValueError("SMS_GATEWAY_DOMAIN must be a domain such as sms.region.example")
        return value.lower()

    @field_validator("embed_sites")
    @classmethod
    def _origins(cls, value: str) -> str:
        for site in value.split():
            parts = urlsplit(site)
            if parts.scheme not in {"http", "https"} or parts.path or not re.fullmatch(r"[a-z0-9.:*-]+", parts.netloc):
                raise ValueError("MOTESPLATS_EMBED_SITES must list sites like https://region.example, without a path")
        return " ".join(value.split())

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError(
                "MOTESPLATS_SECRET_KEY must have at least 32 characters; make one with: openssl rand -hex 32"
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError):
            raise ValueError("MOTESPLATS_TIME_ZONE must be an IANA name such as Europe/Stockholm") from None
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which people read times."""
        return ZoneInfo(self.time_zone)
