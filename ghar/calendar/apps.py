from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "ghar.calendar"
    label = "calendar"
