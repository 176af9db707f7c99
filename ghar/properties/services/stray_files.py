"""Pictures that no row names: their step was rolled back, or a process died before it deleted them.

They show people's homes and, as they were sent, where those are: nothing else would ever delete them.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
import shutil
import time
from typing import Final

from django.conf import settings
import structlog

from ghar.properties.models import PropertyMedia, Upload

# Seconds by the machine's clock, as the files have it: a younger one may be about to get its row.
YOUNG: Final = 24 * 60 * 60
BATCH: Final = 500
# More than half of so many: then it is rather the database that is not theirs.
SUSPICIOUS: Final = 50

log = structlog.get_logger(__name__)


def forget_stray_files() -> int:
    """Delete the folders of pictures; how many. None at all if most of them are stray: after a
    restore of one without the other a person has to look.
    """
    root = Path(settings.MEDIA_ROOT)
    old = [folder for folder in root.glob("??/*") if time.time() - folder.stat().st_mtime > YOUNG]
    stray = [folder for some in _batches(old) for folder in _unnamed(root, some)]
    if len(stray) > SUSPICIOUS and len(stray) * 2 > len(old):
        log.error("too_many_stray_files", stray=len(stray), of=len(old))
        return 0
    for folder in stray:
        shutil.rmtree(folder, ignore_errors=True)
    return len(stray)


def _unnamed(root: Path, folders: Sequence[Path]) -> list[Path]:
    names = {str(folder.relative_to(root)): folder for folder in folders}
    for model in (PropertyMedia, Upload):
        for name in model.objects.filter(folder__in=names).values_list("folder", flat=True):
            del names[name]
    return list(names.values())


def _batches(folders: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for start in range(0, len(folders), BATCH):
        yield folders[start : start + BATCH]
