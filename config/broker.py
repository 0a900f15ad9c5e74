"""The Redis transport, mended in one place: a worker whose Redis died under a task finds it again."""

from kombu.transport import TRANSPORT_ALIASES, redis, virtual


class QoS(redis.QoS):
    """Counts a task as acknowledged even when Redis is not there to be told.

    Without this the task occupies the worker's only place for ever: the worker never reads from Redis
    again, so it never notices that the connection is gone, and stands still until somebody restarts it
    (seen with Celery 5.7.0 and kombu 5.7.0; tests/faults kills Redis under a working worker).
    """

    def ack(self, delivery_tag):
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag, requeue=False):
        try:
            super().reject(delivery_tag, requeue)
        finally:
            virtual.QoS.ack(self, delivery_tag)


class Channel(redis.Channel):
    QoS = QoS


class Transport(redis.Transport):
    Channel = Channel


def install():
    """Let every redis:// and rediss:// address use this transport."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))
