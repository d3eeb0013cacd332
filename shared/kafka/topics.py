"""How topics are made, and whether they are set so that nothing is lost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import LeaderNotAvailableError, NoError, TopicAlreadyExistsError, for_code

from motesplats_events import EVENTS, Event
from shared.settings import Settings, UnsafeSetting

LARGEST_RECORD = 12 * 1024 * 1024
# For as long a service may be switched off and still find all that happened.
KEPT = timedelta(days=90)
# What a topic keeps for longer could come again when services have forgotten its id, and be applied twice.
LONGEST_KEPT = timedelta(days=120)


async def create_topics(settings: Settings, events: Iterable[type[Event]] = EVENTS) -> None:
    """Create the topics that are missing; those that exist are left as they are.

    Raises:
        KafkaError: the broker refuses, for instance more copies than there are brokers.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        present = set(await admin.list_topics())
        wanted = [
            NewTopic(
                event.topic,
                num_partitions=settings.kafka_partitions,
                replication_factor=settings.kafka_replication,
                # aiokafka takes -1, which asks for the broker's own default, only beside an assignment.
                replica_assignments={} if settings.kafka_replication == -1 else None,
                topic_configs={
                    # A committed event that the topic refuses would hold up the outbox for good.
                    "max.message.bytes": str(LARGEST_RECORD),
                    **({"cleanup.policy": "compact"} if event.compacted else {"retention.ms": _ms(KEPT)}),
                },
            )
            for event in events
            if event.topic not in present
        ]
        if wanted:
            answer = await admin.create_topics(wanted)
            for topic, code, *why in answer.topic_errors:
                error = for_code(code)
                # Another service may have made it meanwhile.
                if error not in (NoError, TopicAlreadyExistsError):
                    raise error(f"topic {topic}: {' '.join(map(str, why))}")
    finally:
        await admin.close()


async def check_topics(settings: Settings, events: Sequence[type[Event]] = EVENTS) -> list[str]:
    """Look at how the topics are set; somebody else may have made them.

    Returns:
        What weakens the promise that nothing is lost without breaking it.

    Raises:
        UnsafeSetting: events would be lost or held up; the message says which setting to change.
        KafkaError: the broker cannot say it yet.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        described = await admin.describe_topics([event.topic for event in events])
        wanted = [ConfigResource(ConfigResourceType.TOPIC, event.topic) for event in events]
        answers = await admin.describe_configs(wanted)
    finally:
        await admin.close()
    said = {one[3]: {entry[0]: entry[1] for entry in one[4]} for answer in answers for one in answer.resources}
    partitions = {topic["topic"]: topic["partitions"] for topic in described}
    weak: defaultdict[str, list[str]] = defaultdict(list)
    for event in events:
        config, parts = said[event.topic], partitions[event.topic]
        if not parts:
            raise LeaderNotAvailableError(f"topic {event.topic} was made a moment ago")
        _refuse_unsafe(settings, event, config, len(parts))
        for weakness in _weaknesses(event, config, copies=min(len(part["replicas"]) for part in parts)):
            weak[weakness].append(event.topic)
    found = [f"{', '.join(topics)}: {why}" for why, topics in weak.items()]
    # The embedded broker, for which these settings are, knows nothing of copies.
    if any("min.insync.replicas" in config for config in said.values()):
        found += _weak_settings(settings)
    return found


def _weak_settings(settings: Settings) -> Iterator[str]:
    if not settings.kafka_idempotent:
        yield "a send that is tried again may come twice and out of order; leave out KAFKA_IDEMPOTENT"
    if settings.kafka_assign_partitions:
        yield "every process of a service reads everything; leave out KAFKA_ASSIGN_PARTITIONS"


def _weaknesses(event: type[Event], config: Mapping[str, str], copies: int) -> Iterator[str]:
    if copies == 1:
        yield "one copy, gone with its broker's disk; several brokers allow KAFKA_REPLICATION=3 before the topics exist"
    elif int(config.get("min.insync.replicas", 1)) < 2:
        yield "acknowledged when one copy has it; set min.insync.replicas to 2"
    if config.get("unclean.leader.election.enable") == "true":
        yield "a broker that missed events may lead; set unclean.leader.election.enable to false"
    kept = int(config.get("retention.ms", _ms(KEPT)))
    if not event.compacted and not 0 <= kept <= int(_ms(LONGEST_KEPT)):
        yield f"kept for longer than services remember what they read; set retention.ms to {_ms(LONGEST_KEPT)} or less"
    elif not event.compacted and kept < int(_ms(KEPT)):
        yield f"a service that is off for longer than {kept} ms misses events; set retention.ms to {_ms(KEPT)}"


def _refuse_unsafe(settings: Settings, event: type[Event], config: Mapping[str, str], partitions: int) -> None:
    policy = config.get("cleanup.policy", "delete")
    largest = int(config.get("max.message.bytes", LARGEST_RECORD))
    why = None
    if event.compacted and policy != "compact":
        why = f"cleanup.policy={policy} loses contacts; set it to compact"
    elif not event.compacted and "compact" in policy:
        why = f"cleanup.policy={policy} drops events before they are read; set it to delete"
    elif largest < LARGEST_RECORD:
        why = f"an event over max.message.bytes={largest} would hold up all others; set it to {LARGEST_RECORD}"
    elif settings.kafka_assign_partitions and partitions > settings.kafka_partitions:
        why = (
            f"of its {partitions} partitions {settings.kafka_partitions} would be read; "
            f"set KAFKA_PARTITIONS={partitions}, or leave out KAFKA_ASSIGN_PARTITIONS"
        )
    if why:
        raise UnsafeSetting(f"topic {event.topic}: {why}")


def _ms(time: timedelta) -> str:
    return str(int(time.total_seconds() * 1000))
