from celery import shared_task

from ghar.api import idempotency


@shared_task(name="api.forget_old_keys")
def forget_old_keys() -> None:
    idempotency.forget_old_keys()
