"""Who acts. A verb's `by` is a User, a SeekerSession or SYSTEM; all three answer to `Actor`."""

from typing import Final, Protocol


class Actor(Protocol):
    """What a verb may ask of whoever calls it.

    `actor_kind` is one of user, agent, admin, session, system. `actor_id` is text, empty for the
    system. `actor_label` is what the audit shows to a person; it holds no contact detail.
    """

    @property
    def actor_kind(self) -> str: ...

    @property
    def actor_id(self) -> str: ...

    @property
    def actor_label(self) -> str: ...

    @property
    def is_admin(self) -> bool: ...


class System:
    actor_kind = "system"
    actor_id = ""
    actor_label = "system"
    is_admin = True
    pk = None

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Final = System()
