from flatmates.models.chats import Conversation, Message, Participant, QnaAnswer
from flatmates.models.profiles import Catalog, Profile, ProfilePhoto, ProfileView
from flatmates.models.swipes import Match, SocietyTagVote, Swipe

__all__ = [
    "Catalog",
    "Conversation",
    "Match",
    "Message",
    "Participant",
    "Profile",
    "ProfilePhoto",
    "ProfileView",
    "QnaAnswer",
    "SocietyTagVote",
    "Swipe",
]
