"""How what only its owner may know is stored."""

import hashlib


def hash_secret(secret: str) -> str:
    """Of a token, key or session secret, all long and random: no salt, no stretching."""
    return hashlib.sha256(secret.encode()).hexdigest()
