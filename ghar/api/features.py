"""Where a flag is read: at the edge. Below it code does not know flags."""

from ghar import flags
from ghar.errors import FeatureDisabled


def require_feature(name: str) -> None:
    """Raise FeatureDisabled while the flag is off."""
    if not flags.is_on(name):
        raise FeatureDisabled
