from celery import shared_task

from flatmates.services import profile_review, profile_views, swipes
from ghar.lib import clock


@shared_task(name="flatmates.pause_passed_move_ins")
def pause_passed_move_ins() -> int:
    return profile_review.pause_passed_move_ins(now=clock.now())


@shared_task(name="flatmates.forget_old_views")
def forget_old_views() -> int:
    return profile_views.forget_old_views(now=clock.now())


@shared_task(name="flatmates.forget_old_swipes")
def forget_old_swipes() -> int:
    return swipes.forget_old_swipes(now=clock.now())
