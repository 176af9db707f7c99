"""When the disk takes no more."""

import errno

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def is_no_room(error: BaseException | None) -> bool:
    """Once somebody has made room, the same write succeeds."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM
