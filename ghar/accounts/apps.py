from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ghar.accounts"
    label = "accounts"

    def ready(self) -> None:
        from ghar.accounts import receivers  # noqa: F401, PLC0415 -- they connect themselves
