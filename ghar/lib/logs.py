"""One way into the log: what structlog is told becomes a record of logging, for its handlers."""

from typing import Any

import structlog

_line = structlog.processors.KeyValueRenderer(key_order=["event"])


def configure_structlog() -> None:
    structlog.configure(
        processors=[_as_record],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _as_record(logger: Any, method: str, event: Any) -> tuple[tuple[str], dict[str, Any]]:
    """The arguments of logging's method. A traceback is logging's to write, without the values of
    variables: codes and addresses stand in those.
    """
    kept = {"exc_info": event.pop("exc_info")} if "exc_info" in event else {}
    return (_line(logger, method, event),), kept
