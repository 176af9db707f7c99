"""One REDIS_URL in the three forms that its readers want."""

from typing import NamedTuple
from urllib.parse import urlsplit

from redis.connection import SSLConnection, parse_url


class RedisUrls(NamedTuple):
    """`redis` for redis-py and the cache, `celery` for the broker (which has its own word for a
    socket), `eventstream` as keyword arguments of redis.Redis.
    """

    redis: str
    celery: str
    eventstream: dict[str, object]


def redis_urls(url: str) -> RedisUrls:
    """Translate redis://…, rediss://… or unix:///path/redis.sock?db=0; ValueError for others."""
    options = dict(parse_url(url))
    options.setdefault("db", 0)
    if options.pop("connection_class", None) is SSLConnection:
        options["ssl"] = True
    if "path" not in options:
        return RedisUrls(url, url, options)
    options["unix_socket_path"] = options.pop("path")
    parts = urlsplit(url)
    celery = f"redis+socket://{parts.netloc}{parts.path}?virtual_host={options['db']}"
    return RedisUrls(url, celery, options)
