"""The only package that builds a broker's clients: topics, a producer, and one batch subscriber per service."""

from aiokafka.errors import KafkaError

from shared.kafka.reading import Record, Subscriber
from shared.kafka.sending import close, is_refusal, producer
from shared.kafka.topics import LARGEST_RECORD, LONGEST_KEPT, check_topics, create_topics

__all__ = [
    "LARGEST_RECORD",
    "LONGEST_KEPT",
    "KafkaError",
    "Record",
    "Subscriber",
    "check_topics",
    "close",
    "create_topics",
    "is_refusal",
    "producer",
]
