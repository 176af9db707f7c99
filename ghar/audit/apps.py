from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "ghar.audit"
    label = "audit"
