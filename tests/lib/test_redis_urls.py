"""One REDIS_URL, three readers: each must understand its form."""

import pytest

from ghar.lib.redis_urls import redis_urls


def test_a_tcp_url_serves_all_three():
    urls = redis_urls("redis://:p%40ss@cache.test:6380/2")
    assert urls.redis == urls.celery == "redis://:p%40ss@cache.test:6380/2"
    assert urls.eventstream == {"host": "cache.test", "port": 6380, "password": "p@ss", "db": 2}


def test_a_tls_url_asks_the_eventstream_for_tls():
    assert redis_urls("rediss://cache.test").eventstream == {
        "host": "cache.test",
        "db": 0,
        "ssl": True,
    }


def test_a_socket_has_another_word_for_each():
    urls = redis_urls("unix:///a%20b/redis.sock?db=3")
    assert urls.redis == "unix:///a%20b/redis.sock?db=3"
    assert urls.celery == "redis+socket:///a%20b/redis.sock?virtual_host=3"
    assert urls.eventstream == {"unix_socket_path": "/a b/redis.sock", "db": 3}


def test_another_scheme_is_refused():
    with pytest.raises(ValueError, match="URL"):
        redis_urls("http://cache.test")
