"""Where one person may come upon another: every list and every address of flatmates."""

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from ghar.accounts.models import User

V1 = "/api/v1/flatmates"
LISTS = ("profiles", "likes", "outgoing-likes", "matches", "conversations")
PAGES = ("/people/", "/people/?view=list", "/likes/", "/chats/")


def lists_with(client: APIClient, person: User) -> list[str]:
    """The lists of the API in which the person's id or name stands."""
    found = []
    for name in LISTS:
        answer = client.get(f"{V1}/{name}")
        assert answer.status_code == 200, answer.content
        if traces(answer.content.decode(), person):
            found.append(name)
    return found


def pages_with(client: Client, person: User) -> list[str]:
    return [path for path in PAGES if traces(client.get(path).content.decode(), person)]


def traces(text: str, person: User) -> bool:
    return str(person.pk) in text or person.full_name.split()[0] in text


def doors(client: APIClient, person: User, chat: Any = None) -> dict[str, int]:
    """What each address that names the person answers."""
    like = {"target_type": "user", "action": "like", "target_user_id": str(person.pk)}
    looked = {
        "viewed_user_id": str(person.pk),
        "duration_seconds": 3,
        "scroll_percent": 10,
        "source": "deck",
    }
    answers = {
        "profile": client.get(f"{V1}/profiles/{person.pk}"),
        "compatibility": client.get(f"{V1}/profiles/{person.pk}/compatibility"),
        "swipe": client.post(f"{V1}/swipes", like),
        "view": client.post(f"{V1}/profile-views", looked),
    }
    if chat is not None:
        answers["conversation"] = client.get(f"{V1}/conversations/{chat.pk}")
        answers["messages"] = client.get(f"{V1}/conversations/{chat.pk}/messages")
        answers["write"] = client.post(f"{V1}/conversations/{chat.pk}/messages", {"body": "Hello?"})
        answers["read"] = client.post(f"{V1}/conversations/{chat.pk}/mark-read", {})
        answers["qna"] = client.get(f"{V1}/conversations/{chat.pk}/qna")
    return {name: answer.status_code for name, answer in answers.items()}
