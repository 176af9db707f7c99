"""Counting calls, each in one atomic step of Redis.

Redis is expendable here: without it the limits pause and the site works.
"""

from functools import cache

from django.conf import settings
from django.http import HttpRequest
import redis
from redis.exceptions import RedisError
import structlog

from ghar.errors import RateLimited

log = structlog.get_logger(__name__)

# One script, so that no two callers read the same count; the window starts with its first call.
_HIT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def hit(name: str, key: str) -> None:
    """Count one call of `key` against settings.LIMITS[name]; RateLimited when it is too many."""
    most, seconds, _per = settings.LIMITS[name]
    try:
        count, left = _client().eval(_HIT, 1, _redis_key(name, key), seconds)
    except RedisError:
        log.warning("limit_not_counted", limit=name)
        return
    if count > most:
        raise RateLimited(retry_after=max(left, 1))


def clear(name: str, key: str) -> None:
    """Start again, as after a right password."""
    try:
        _client().delete(_redis_key(name, key))
    except RedisError:
        log.warning("limit_not_cleared", limit=name)


def address_of(request: HttpRequest) -> str:
    """The caller's address; behind a proxy only what FORWARDED_ALLOW_IPS trusts is believed."""
    return request.META.get("REMOTE_ADDR", "")


def _redis_key(name: str, key: str) -> str:
    return f"{settings.REDIS_PREFIX}limit:{name}:{key}"
